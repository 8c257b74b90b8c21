import pytest
from attrs import evolve

from entrepot.model import Problem, ProblemKind, Severity
from tests.store.values import NOON, SHOP, minutes


def problem(account=SHOP):
    return Problem(ProblemKind.OFFER_UNMAPPED, account, "offer/MUG", "waits", "map it", NOON, Severity.WARNING)


@pytest.mark.parametrize("account", [SHOP, None])
def test_a_problem_is_open_once_until_it_is_closed(write, read, account):
    """Covers P8."""
    opened = problem(account)
    assert write(lambda tx: tx.problems.open(opened))
    assert not write(lambda tx: tx.problems.open(evolve(opened, message="still waits", since=minutes(5))))
    (stored,) = read(lambda tx: tx.problems.all())
    assert evolve(stored, id=0) == evolve(opened, message="still waits")
    assert read(lambda tx: tx.problems.find(stored.id)) == stored
    assert write(lambda tx: tx.problems.close(opened.kind, account, opened.subject, NOON))
    assert not write(lambda tx: tx.problems.close(opened.kind, account, opened.subject, NOON))
    assert read(lambda tx: tx.problems.all()) == []
    assert write(lambda tx: tx.problems.open(opened)), "it came back"
    assert len(read(lambda tx: tx.problems.all(closed_too=True))) == 2


def test_problems_of_different_accounts_and_subjects_are_different(write, read):
    others = [problem(), problem(None), evolve(problem(), subject="offer/CAP")]
    assert write(lambda tx: [tx.problems.open(other) for other in others]) == [True, True, True]
    assert not write(lambda tx: tx.problems.close(ProblemKind.STOCK_SHORT, SHOP, "offer/MUG", NOON))
    assert len(read(lambda tx: tx.problems.all())) == 3
    assert read(lambda tx: tx.problems.find(99)) is None
