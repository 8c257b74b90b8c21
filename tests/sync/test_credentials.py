"""What lets us in and ends soon: a problem in time, and none any more once it was seen to."""

from attrs import evolve, frozen

from entrepot.channel import CheckReport, CredentialWarning
from entrepot.model import ProblemKind, Severity
from entrepot_mock_channel.connector import MockConnector, connect
from tests.sync.rig import PAGED, live

AGING = (
    CredentialWarning("the secret ends in 20 days", "rotate it"),
    CredentialWarning("the consent ends in 25 days", "authorize again"),
)


@frozen
class Aging(MockConnector):
    """Warns of `told`, a list that the test changes."""

    told: list[CredentialWarning]

    async def check(self, request):
        return CheckReport(warnings=tuple(self.told))


def test_what_ends_soon_is_a_problem_until_a_check_warns_no_more(tmp_path):
    """Covers R20, P8: it warns, stops nothing, and says what to do."""
    told = list(AGING)
    channel = evolve(PAGED, connect=lambda settings, ports: Aging(connect(settings, ports).http, told))

    async def story(rig):
        await rig.wait(hours=6)
        found = await rig.read(lambda tx: tx.problems.all())
        assert [(problem.kind, problem.severity, problem.message, problem.next_action) for problem in found] == [
            (
                ProblemKind.CREDENTIALS_EXPIRE,
                Severity.WARNING,
                "shop: the secret ends in 20 days; the consent ends in 25 days",
                "rotate it; authorize again",
            )
        ]
        numbers = await rig.place(2, minutes=1)
        told.clear()
        await rig.wait(hours=7)
        assert await rig.problems() == set()
        assert (await rig.stored()).keys() == set(numbers)

    live(tmp_path, story, channel=channel)
