"""The page of requirements says what the tests say."""

import re

from docs import write_requirements as requirements
from tests.mutants.complaints import COMPLAINTS
from tests.mutants.test_worlds import MUTANTS


def test_the_page_is_what_the_tests_would_write():
    assert requirements.PAGE.read_text("utf-8") == requirements.page(), "run: make reference"


def test_every_requirement_has_words_a_test_and_a_mutant():
    assert requirements.REQUIREMENTS.keys() == {complaint.id for complaint in COMPLAINTS}
    covered, mutants = requirements.covered(), requirements.mutants()
    assert [id_ for id_ in requirements.REQUIREMENTS if not covered[id_] or not mutants[id_]] == []


def test_every_promise_has_words_and_a_test():
    covered = requirements.covered()
    told = {id_ for id_ in covered if id_.startswith("P")}
    assert told == requirements.PROMISES.keys()
    assert {promise.split()[0] for _, promise, *_ in MUTANTS} <= told


def test_ids_are_read_from_docstrings_in_every_form():
    words = "Covers P6 and P10: a crash. Also (covers R33, R34, and P1)."
    assert [re.findall(r"\w\d+", found[1]) for found in requirements.COVERS.finditer(words)] == [
        ["P6", "P10"],
        ["R33", "R34", "P1"],
    ]
