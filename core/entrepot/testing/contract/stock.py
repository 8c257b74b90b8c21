"""Quantities go out, and come back as the channel shows them."""

import pytest

from entrepot import channel
from entrepot.simulation.network.faults import NetworkFault
from entrepot.testing.contract.base import Contract, Scenario, T, concerns, having
from entrepot.testing.contract.verdict import raises, unheard
from entrepot.testing.trial import ODD_OFFER, QUANTITIES, UNKNOWN_OFFER, Trial

READ = "Next: map what the double shows in fetch_stock, zero too; leave out what it does not know"
ONE_UNKNOWN = (
    "Next: let the double leave out what the shop does not know; where the shop refuses the whole list for it, "
    "say `page_size=1`, and return no record for an offer that is refused so"
)
REPORT = "Next: report None for each quantity that the shop took, and its reason for one that it refused"
QUOTED = (
    "Next: quote an id that stands in a path, `quote(offer, safe='')`, and leave one in `params` or `json` as it is; "
    "the double's routes have it decoded"
)
WRITTEN = "Next: send absolute quantities in push_stock, and let the double's route set them"


FULL = "Next: declare the most that the shop takes in one request as"


def at_once(case: type[Contract], operation: str) -> int:
    """Offers that one call takes."""
    facts = case.channel.operations[operation]
    return facts.page_size if isinstance(facts, channel.Reads) else facts.batch_size


class StockContract(Contract):
    @having("fetch_stock")
    def test_shown_quantities_are_read(self) -> None:
        """Nothing for sale is a quantity too; an offer that the channel does not know is absent, and not zero."""

        async def read(trial: Trial) -> None:
            asked = ("TEA-250", "SOLD-OUT", UNKNOWN_OFFER)
            try:
                shown = await trial.shown(*asked)
            except channel.RejectedError as refused:
                pytest.fail(f"{', '.join(asked)} are refused, of which the last is unknown: {refused}. {ONE_UNKNOWN}")
            expected = {"TEA-250": QUANTITIES["TEA-250"], "SOLD-OUT": 0}
            said = f"of {', '.join(asked)} are read {shown}; the double was last asked {trial.heard.last}"
            assert shown == expected, f"{said}. {READ}"

        self.simulate(read)

    @having("fetch_stock")
    @concerns(lambda case: at_once(case, "fetch_stock") > len(QUANTITIES))
    def test_as_many_offers_are_read_at_once_as_the_channel_declares(self) -> None:
        """A page of four is no proof: a shop that refuses more than twenty would be asked for fifty every day."""

        async def read(trial: Trial) -> dict[str, int]:
            return await trial.shown(*_fillers(trial.page_size("fetch_stock")), *QUANTITIES)

        asked = at_once(type(self), "fetch_stock")
        shown = self._whole(read, f"page_size of fetch_stock is {asked}", "page_size")
        assert shown == QUANTITIES, f"of {asked} offers that are asked for at once are read {shown}. {FULL} page_size"

    @having("push_stock")
    @concerns(lambda case: at_once(case, "push_stock") > len(QUANTITIES))
    def test_as_many_quantities_are_taken_at_once_as_the_channel_declares(self) -> None:
        """A batch that is too large is refused whole, and no quantity of it is on show."""

        async def push(trial: Trial) -> dict[str, str | None]:
            fillers = dict.fromkeys(_fillers(trial.batch_size("push_stock")), 5)
            return await trial.push({**fillers, **dict.fromkeys(QUANTITIES, 5)})

        asked = at_once(type(self), "push_stock")
        results = self._whole(push, f"batch_size of push_stock is {asked}", "batch_size")
        good = {offer: results.get(offer, "absent") for offer in QUANTITIES}
        assert set(good.values()) == {None}, f"of {asked} offers that are sent at once: {good}. {FULL} batch_size"

    def _whole(self, scenario: Scenario[T], declared: str, fact: str) -> T:
        async def told(trial: Trial) -> T:
            try:
                return await scenario(trial)
            except channel.RejectedError as refused:
                message = f"{declared}, and so many at once are refused: {refused}. {FULL} {fact}"
                raise pytest.fail.Exception(message, pytrace=False) from None

        return self.simulate(told)

    @having("push_stock")
    def test_pushed_quantity_is_read_back(self) -> None:
        """Sent is not effective (covers P5): the proof is what the channel shows afterwards."""

        async def push(trial: Trial) -> None:
            results = await trial.push({"TEA-250": 17, "MUG-BLUE": 0})
            assert results == {"TEA-250": None, "MUG-BLUE": None}, f"the report says {results}. {REPORT}"
            await _assert_shown(trial, {"TEA-250": 17, "MUG-BLUE": 0, "LAST-ONE": 1})

        self.simulate(push)

    @having("push_stock")
    def test_refused_item_does_not_harm_the_others(self) -> None:
        """One unknown offer in two hundred is one problem with a reason, and 199 quantities on show."""

        async def push(trial: Trial) -> None:
            results = await trial.push({"TEA-250": 17, UNKNOWN_OFFER: 3, "MUG-BLUE": 4})
            good = {offer: results.get(offer, "absent") for offer in ("TEA-250", "MUG-BLUE")}
            assert set(good.values()) == {None}, f"the report says {good}. {REPORT}"
            assert results.get(UNKNOWN_OFFER), f"{UNKNOWN_OFFER} is unknown, and not refused. {REPORT}"
            await _assert_shown(trial, {"TEA-250": 17, "MUG-BLUE": 4}, UNKNOWN_OFFER)

        self.simulate(push)

    @having("fetch_stock")
    def test_offer_with_a_slash_is_read(self) -> None:
        """A merchant's ids hold slashes, spaces and percent signs: each arrives as it is."""

        async def read(trial: Trial) -> dict[str, int]:
            return await trial.shown(ODD_OFFER)

        shown = self.simulate(read)
        assert shown == {ODD_OFFER: QUANTITIES[ODD_OFFER]}, f"of {ODD_OFFER} is read {shown}. {QUOTED}"

    @having("push_stock")
    def test_offer_with_a_slash_is_pushed(self) -> None:
        """An id that is cut at its slash is another offer, or none: its quantity would never be on show."""

        async def push(trial: Trial) -> None:
            results = await trial.push({ODD_OFFER: 3})
            assert results == {ODD_OFFER: None}, f"the report says {results}. {QUOTED}"
            shown = await trial.shown_in_time({ODD_OFFER: 3})
            assert shown == {ODD_OFFER: 3}, f"of {ODD_OFFER} is read {shown}. {QUOTED}"

        self.simulate(push)

    @having("push_stock", "fetch_orders")
    def test_quantity_is_absolute(self) -> None:
        """Sending the same again changes nothing, and a sale in between is not undone by halves (covers P2)."""

        async def push(trial: Trial) -> None:
            await trial.push({"TEA-250": 10})
            await _assert_shown(trial, {"TEA-250": 10})
            trial.shop.place({"TEA-250": 4}, await trial.marketplace())
            shown = await trial.shown("TEA-250")
            assert shown == {"TEA-250": 6}, f"4 of 10 were sold, and {shown} is read. {READ}"
            await trial.push({"TEA-250": 5})
            await trial.push({"TEA-250": 5})
            await _assert_shown(trial, {"TEA-250": 5})

        self.simulate(push)

    @having("push_stock")
    @pytest.mark.parametrize(
        "fault", [NetworkFault.DROPPED_AFTER_EFFECT, NetworkFault.HALF_BODY, NetworkFault.HTML_504]
    )
    def test_lost_answer_to_a_write_is_an_unknown_outcome(self, fault: NetworkFault) -> None:
        """It may have been applied (covers P5), and it was: neither success nor failure may be assumed."""

        async def push(trial: Trial) -> None:
            await trial.lose_write(fault)
            with raises(channel.UnknownOutcome, "let what `self.http` raises pass: it is neither success nor failure"):
                await trial.push({"TEA-250": 17})
            sent = {"TEA-250": 17}
            shown = await trial.shown_in_time(sent)
            assert shown == sent, unheard(trial, _not_on_show(sent, shown), WRITTEN)

        self.simulate(push)


def _fillers(size: int) -> tuple[str, ...]:
    """Unknown offers, so many that all of `QUANTITIES` still fit into one call."""
    return tuple(f"{UNKNOWN_OFFER}-{number}" for number in range(size - len(QUANTITIES)))


async def _assert_shown(trial: Trial, sent: dict[str, int], *others: str) -> None:
    shown = await trial.shown_in_time(sent, *others)
    assert shown == sent, f"{_not_on_show(sent, shown)}. {WRITTEN}"


def _not_on_show(sent: dict[str, int], shown: dict[str, int]) -> str:
    return f"{sent} was to be on show, and {shown} is read"
