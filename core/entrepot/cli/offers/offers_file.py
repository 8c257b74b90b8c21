"""The file that `offers` of an account names in plugins.toml: taken at each start and reload, line by line."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from entrepot.cli.context import Home
from entrepot.cli.exits import Refused
from entrepot.cli.offers import unmapped_file
from entrepot.cli.offers.matching import map_line
from entrepot.cli.offers.unmapped_file import Line
from entrepot.model import AccountId, ProblemKind
from entrepot.store import Tx
from entrepot.sync.announce import close_problem, open_problem

TOLD = 5
"""Lines that the problem names."""


@frozen
class Stated:
    """What an account's file says. `fault`: it cannot be read at all."""

    file: str
    lines: Sequence[Line]
    fault: str | None = None


def read_stated(home: Home) -> Mapping[AccountId, Stated]:
    """Of each account that names a file. Raises nothing: a slip in it stops no daemon."""
    return {id_: _read(home, id_) for id_, account in home.config.accounts.items() if account.offers}


def take_stated(tx: Tx, home: Home, files: Mapping[AccountId, Stated]) -> None:
    """Map what the files say. What cannot be used is a problem of its account, until a start or a reload finds none."""
    for problem in tx.problems.all():
        if problem.kind is ProblemKind.OFFERS_FILE_REFUSED and problem.account not in files:
            close_problem(tx, problem.kind, problem.account, problem.subject, home.clock.now())
    for id_, stated in files.items():
        refused = [stated.fault] if stated.fault else list(_take(tx, home, stated.lines))
        _tell(tx, home, id_, stated, refused)


def _read(home: Home, id_: AccountId) -> Stated:
    file = home.config.accounts[id_].offers
    assert file is not None  # noqa: S101 - only those that name one are read
    try:
        return Stated(file.name, unmapped_file.read(file, id_))
    except Refused as wrong:
        return Stated(file.name, (), wrong.message)


def _take(tx: Tx, home: Home, lines: Sequence[Line]) -> Iterator[str]:
    """The lines that cannot be used, with their reasons."""
    for line in lines:
        if line.offer in home.config.bundles:
            yield f"{line.where}: {line.offer} stands in [skus.bundles] too"
            continue
        try:
            map_line(tx, home, line, 0)
        except Refused as wrong:
            yield f"{line.where}: {wrong.message}"


def _tell(tx: Tx, home: Home, account: AccountId, stated: Stated, refused: Sequence[str]) -> None:
    now = home.clock.now()
    if not refused:
        close_problem(tx, ProblemKind.OFFERS_FILE_REFUSED, account, "offers", now)
        return
    more = f"; and {len(refused) - TOLD} more" if len(refused) > TOLD else ""
    open_problem(
        tx,
        ProblemKind.OFFERS_FILE_REFUSED,
        account,
        "offers",
        f"of {stated.file}, which names the offers of {account}, not everything can be used: "
        f"{'; '.join(refused[:TOLD])}{more}",
        "correct it, then: entrepot reload; the other lines are taken",
        now,
    )
