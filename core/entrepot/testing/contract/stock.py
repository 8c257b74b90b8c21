"""Quantities go out, and come back as the channel shows them."""

import pytest

from entrepot import channel
from entrepot.simulation.faults import NetworkFault
from entrepot.testing.contract.base import Contract, having
from entrepot.testing.trial import QUANTITIES, UNKNOWN_OFFER, Trial


class StockContract(Contract):
    @having("fetch_stock")
    def test_shown_quantities_are_read(self) -> None:
        """Nothing for sale is a quantity too; an offer that the channel does not know is absent, and not zero."""

        async def read(trial: Trial) -> dict[str, int]:
            return await trial.shown("TEA-250", "SOLD-OUT", UNKNOWN_OFFER)

        assert self.simulate(read) == {"TEA-250": QUANTITIES["TEA-250"], "SOLD-OUT": 0}

    @having("push_stock")
    def test_pushed_quantity_is_read_back(self) -> None:
        """Sent is not effective (covers P5): the proof is what the channel shows afterwards."""

        async def push(trial: Trial) -> None:
            assert await trial.push({"TEA-250": 17, "MUG-BLUE": 0}) == {"TEA-250": None, "MUG-BLUE": None}
            expected = {"TEA-250": 17, "MUG-BLUE": 0, "LAST-ONE": 1}
            assert await trial.shown_in_time(expected) == expected

        self.simulate(push)

    @having("push_stock")
    def test_refused_item_does_not_harm_the_others(self) -> None:
        """One unknown offer in two hundred is one problem with a reason, and 199 quantities on show."""

        async def push(trial: Trial) -> None:
            results = await trial.push({"TEA-250": 17, UNKNOWN_OFFER: 3, "MUG-BLUE": 4})
            assert (results["TEA-250"], results["MUG-BLUE"]) == (None, None)
            assert results[UNKNOWN_OFFER]
            expected = {"TEA-250": 17, "MUG-BLUE": 4}
            assert await trial.shown_in_time(expected, UNKNOWN_OFFER) == expected

        self.simulate(push)

    @having("push_stock", "fetch_orders")
    def test_quantity_is_absolute(self) -> None:
        """Sending the same again changes nothing, and a sale in between is not undone by halves (covers P2)."""

        async def push(trial: Trial) -> None:
            await trial.push({"TEA-250": 10})
            assert await trial.shown_in_time({"TEA-250": 10}) == {"TEA-250": 10}
            trial.shop.place({"TEA-250": 4}, await trial.marketplace())
            assert await trial.shown("TEA-250") == {"TEA-250": 6}
            await trial.push({"TEA-250": 5})
            await trial.push({"TEA-250": 5})
            assert await trial.shown_in_time({"TEA-250": 5}) == {"TEA-250": 5}

        self.simulate(push)

    @having("push_stock")
    @pytest.mark.parametrize(
        "fault", [NetworkFault.DROPPED_AFTER_EFFECT, NetworkFault.HALF_BODY, NetworkFault.HTML_504]
    )
    def test_lost_answer_to_a_write_is_an_unknown_outcome(self, fault: NetworkFault) -> None:
        """It may have been applied (covers P5), and it was: neither success nor failure may be assumed."""

        async def push(trial: Trial) -> None:
            await trial.lose_write(fault)
            with pytest.raises(channel.UnknownOutcome):
                await trial.push({"TEA-250": 17})
            assert await trial.shown_in_time({"TEA-250": 17}) == {"TEA-250": 17}

        self.simulate(push)
