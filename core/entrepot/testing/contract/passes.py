"""Where a list is not cut by time, each pass goes on where the one before says."""

from entrepot.testing.contract.base import Contract, concerns, having, lists
from entrepot.testing.contract.verdict import assert_complete
from entrepot.testing.trial import Trial, three_pages

NUMBERED = (
    "begin a first pass before number 1, and go on from the last number itself where the shop lists what is behind it"
)

RESUMED = (
    "no page of the pass has `resume`, so the next one reads the whole list again. "
    "Next: return in `resume` of the last page what it has to know; a shop that has nothing to go on from says "
    "`resumes = False` in its double"
)


class PassesContract(Contract):
    @having("fetch_orders")
    @concerns(lambda case: not lists(case).windowed)
    def test_changes_that_are_numbered_without_gaps_are_all_told(self) -> None:
        """From number 1 on, over the borders of pages and of passes, none is skipped (covers P1).

        A log that counts from 1 has no room for a cursor that is one too high, or for a beginning of one's own.
        """

        async def read(trial: Trial) -> None:
            trial.shop.number_changes(first=1, apart=1)
            window = await three_pages(trial)
            told = await trial.pull(window)
            assert_complete(trial, told, NUMBERED)
            await trial.place(1)
            told += await trial.pull(await trial.settled(window.end))
            assert_complete(trial, told, NUMBERED)

        self.simulate(read)

    @having("fetch_orders")
    @concerns(lambda case: not lists(case).windowed)
    @concerns(lambda case: case.shop.resumes, unless="`resumes = False` of the double: each pass reads the list whole")
    def test_next_pass_knows_where_to_go_on(self) -> None:
        """What is read again in each pass costs its requests again, and a list of years is read for ever."""

        async def read(trial: Trial) -> None:
            await trial.pull(await three_pages(trial))
            assert trial.resume is not None, RESUMED

        self.simulate(read)
