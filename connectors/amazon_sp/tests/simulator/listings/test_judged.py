"""What judges from outside found: other people's clients could not do their work, or an answer was none of Amazon's."""

import pytest
from attrs import evolve

from connectors.amazon_sp.tests.simulator import asking
from connectors.amazon_sp.tests.simulator.asking import DE, SETTINGS, ask, error
from connectors.amazon_sp.tests.simulator.authorization.test_consent import APPLICATION, code, exchange
from connectors.amazon_sp.tests.simulator.fba.test_fba_inventory import found, summaries
from connectors.amazon_sp.tests.simulator.orders.test_orders_v0 import orders, settle
from connectors.amazon_sp.tests.simulator.reports.asked_for import REPORTS, SCHEDULES, schedule


def test_a_code_is_good_without_its_address(monkeypatch):
    """python-amazon-sp-api and npm's amazon-sp-api send none."""
    monkeypatch.setattr(asking, "SETTINGS", evolve(SETTINGS, refresh_token=None, **APPLICATION))

    async def scenario(seller):
        return await exchange(seller, await code(seller), redirect_uri=None)

    assert ask(scenario).json()["refresh_token"].startswith("simulated.Atzr|")


def test_what_is_no_parameter_of_amazons_says_nothing():
    """python-amazon-sp-api names its store four times, where its caller names none."""

    async def find(seller):
        await seller.sell({"TEA": 1})
        await settle()
        return await orders(seller, MarketplaceId=DE, marketplace_ids=DE, marketplaceIds=DE)

    assert len(ask(find)["Orders"]) == 1


@pytest.mark.parametrize(("text", "told"), [("true", True), ("True", True), ("False", False), ("false", False)])
def test_details_are_wanted_in_any_spelling(text, told):
    """Amazon's own SDK writes True."""

    async def look(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        return await found(seller, details=text)

    [tea] = ask(look)
    assert ("inventoryDetails" in tea) == told


def test_what_is_neither_true_nor_false_is_refused():
    assert ask(lambda seller: summaries(seller, details="x")).status_code == 400


def test_a_first_report_far_ahead_is_refused():
    """Where time ran faster the simulator failed at it."""
    asked = schedule(nextReportCreationTime="9999-01-01T00:00:00Z")
    answer = ask(lambda seller: seller.post(SCHEDULES, asked), time_scale=3600)
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")


@pytest.mark.parametrize("options", [{"": None}, {"a": 1}, ["a"], "a"])
def test_options_of_a_report_are_words(options):
    """They were told again as they came, by schedules."""
    asked = schedule(reportOptions=options)
    answers = [ask(lambda seller, path=path: seller.post(path, asked)) for path in (SCHEDULES, REPORTS)]
    assert [answer.status_code for answer in answers] == [400, 400]


def test_options_that_are_words_are_told_again():
    async def scenario(seller):
        made = (await seller.post(SCHEDULES, schedule(reportOptions={"custom": "true"}))).json()
        return (await seller.get(f"{SCHEDULES}/{made['reportScheduleId']}")).json()

    assert ask(scenario)["reportOptions"] == {"custom": "true"}
