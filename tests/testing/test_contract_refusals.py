"""Refusals whose words the contract reads back, and what it says where they are not found."""

import pytest
from attrs import evolve

from entrepot import channel
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.shop import MockShop
from tests.testing.contracts import contract
from tests.testing.shops_words import REFUSALS, WordsRefusals


@pytest.mark.parametrize(
    ("kind", "double"),
    [
        pytest.param(evolve(REFUSALS, error_code=MOCK.error_code), WordsRefusals, id="the facts look elsewhere"),
        pytest.param(REFUSALS, MockShop, id="the double puts it elsewhere"),
    ],
)
def test_a_code_that_is_not_read_out_of_the_answer_fails(kind, double):
    contract(REFUSALS, WordsRefusals).test_codes_of_the_error_table_are_read()
    with pytest.raises(AssertionError, match=r"\ATransientError in place of RateLimited: .*'SLOW_DOWN'.*`error_code`"):
        contract(kind, double).test_codes_of_the_error_table_are_read()


def test_a_table_without_codes_has_no_such_case():
    plain = contract(evolve(MOCK, errors=channel.STANDARD_ERRORS), MockShop)
    assert plain.test_codes_of_the_error_table_are_read is None


def no_words_of_its_own(error_code):
    return evolve(MOCK, errors=channel.STANDARD_ERRORS, error_code=error_code)


def reads_oops(body):
    return body["oops"]["reason"]


def reads_a_number(body):
    return len(body["fault"]["reason"])


@pytest.mark.parametrize(
    ("error_code", "double"),
    [
        pytest.param(reads_oops, WordsRefusals, id="it looks elsewhere"),
        pytest.param(REFUSALS.error_code, MockShop, id="the double puts it elsewhere"),
        pytest.param(reads_a_number, WordsRefusals, id="it is no text"),
    ],
)
def test_a_code_that_no_row_of_the_table_needs_is_read_all_the_same(error_code, double):
    case = "test_code_of_a_refusal_is_read_where_the_channel_says"
    getattr(contract(no_words_of_its_own(REFUSALS.error_code), WordsRefusals), case)()
    with pytest.raises(AssertionError, match=r"\Aa refusal with the code LIST_TOO_LONG has ''\. Next: .*`error_code`"):
        getattr(contract(no_words_of_its_own(error_code), double), case)()
    assert getattr(contract(MOCK, MockShop), case) is None
