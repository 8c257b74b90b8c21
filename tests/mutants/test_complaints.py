import inspect
import re

import pytest

from tests.mutants.complaints import COMPLAINTS

pytestmark = pytest.mark.filterwarnings("ignore::entrepot_amazon_sp.RetirementWarning")

CLOSED = (
    "R1 R5 R6 R7 R9 R11 R12 R14 R15 R16 R17 R18 R19 R20 R21 R22 R23 R24 R27 R31 R32 R33 R34 R35 R36 R37 R38 R42 "
    "R43 R44 R45 R46 R47 R49 R50 R52 R55 R58 R60 R66 R89 R90 R91 R95 R96 R97 R99 R100 R101 R102 R103"
)


def run(complaint, folder):
    needs_folder = "tmp_path" in inspect.signature(complaint.test).parameters
    complaint.test(**({"tmp_path": folder} if needs_folder else {}))


@pytest.mark.parametrize("complaint", COMPLAINTS, ids=str)
def test_its_test_is_green_and_turns_red_under_the_mutant(complaint, tmp_path, monkeypatch):
    healthy, sick = tmp_path / "healthy", tmp_path / "sick"
    healthy.mkdir()
    sick.mkdir()
    run(complaint, healthy)
    complaint.mutant(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):  # anything else would be the mutant's own defect
        run(complaint, sick)


def test_every_closed_complaint_has_a_mutant():
    assert {complaint.id for complaint in COMPLAINTS} == set(CLOSED.split())


@pytest.mark.parametrize("complaint", COMPLAINTS, ids=str)
def test_its_test_says_what_it_covers(complaint):
    assert re.search(rf"\b[Cc]overs\b.*\b{complaint.id}\b", complaint.function.__doc__)
