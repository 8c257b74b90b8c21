"""The catalog that is shipped is what the script makes of Amazon's models."""

import importlib.util
import sys
import tomllib
import warnings
from datetime import date, timedelta
from pathlib import Path

import pytest

from entrepot_amazon_sp import AMAZON, catalog
from entrepot_amazon_sp.catalog import find, ids
from entrepot_amazon_sp.connector import CALLED

CONNECTOR = Path(__file__).parents[1]
SPAPI = CONNECTOR.parents[2] / "shared" / "spapi"

REFUSED, WARNED = timedelta(days=90), timedelta(days=180)

with_models = pytest.mark.skipif(not SPAPI.exists(), reason="Amazon's models are not here (../shared/spapi)")


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(CONNECTOR / "scripts"))
    monkeypatch.delitem(sys.modules, "catalog_paging", raising=False)
    spec = importlib.util.spec_from_file_location("derive_catalog", CONNECTOR / "scripts" / "derive_catalog.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def facts(script):
    return tomllib.loads(script.FACTS.read_text("utf-8"))


@with_models
def test_the_catalog_is_what_the_script_makes_of_amazons_models(script):
    """Covers R35: the place of each list's token too."""
    assert script.FILE.read_text("utf-8") == script.derive(SPAPI / "models", facts(script)), (
        "Next: python connectors/amazon_sp/scripts/derive_catalog.py ../shared/spapi/models"
    )


@with_models
def test_rates_scopes_and_restrictions_are_those_of_the_table_of_plans():
    plans = tomllib.loads((SPAPI / "rate_plans.toml").read_text("utf-8"))["api"]
    told = {f"{api}.{name}": plan for api, each in plans.items() for name, plan in each["operations"].items()}
    assert set(told) == set(ids())
    for id_, plan in told.items():
        operation = find(id_)
        assert (operation.method, operation.path) == (plan["method"], plan["path"])
        assert (operation.limit.per_second, operation.limit.burst) == (plan.get("rate", 0.5), plan.get("burst", 1))
        assert operation.limit_source == ("model" if "rate" in plan else "assumed")
        assert operation.grantless == plan.get("grantless_scope", "")
        assert operation.restricted == plan.get("restricted", False)
        assert operation.sandbox_only == plan.get("sandbox_only", False)


@with_models
@pytest.mark.parametrize("table", ["restricted", "defaults"])
def test_a_fact_about_an_operation_that_no_model_has_is_refused(script, table):
    wrong = facts(script)
    wrong[table] = [*wrong[table], "ordersV0.getOrdersOfYesterday"]
    with pytest.raises(KeyError, match="getOrdersOfYesterday"):
        script.derive(SPAPI / "models", wrong)


def fading(keys, today, within):
    """The operations that are removed by then."""
    return [key for key in keys if (removed := find(key).removed) is not None and removed - today < within]


def test_an_operation_that_fades_is_found():
    assert fading(["ordersV0.getOrder"], date(2026, 12, 28), REFUSED) == ["ordersV0.getOrder"]
    assert fading(["ordersV0.getOrder"], date(2026, 12, 27), REFUSED) == []
    assert fading(["orders_2026-01-01.getOrder"], date(2026, 12, 28), REFUSED) == []


def checked():
    """The day on which the dates were last compared with Amazon's."""
    return tomllib.loads((CONNECTOR / "scripts" / "catalog_facts.toml").read_text("utf-8"))["checked"]


def used():
    return [*catalog._data()["defaults"].values(), *CALLED]


def test_neither_a_default_nor_the_connector_points_at_what_is_removed_within_90_days():
    """Covers R97: counted from the day of the last comparison."""
    assert fading(used(), checked(), REFUSED) == []


def show(keys, today):
    for each in fading(keys, today, WARNED):
        warnings.warn(f"{each} is removed on {find(each).removed}", stacklevel=1)


@pytest.mark.filterwarnings("default")
def test_what_is_removed_within_180_days_is_shown():
    show(used(), checked())
    with pytest.warns(UserWarning, match=r"ordersV0\.getOrder is removed on 2027-03-27"):
        show(["ordersV0.getOrder"], date(2026, 12, 1))


def test_the_connector_calls_nothing_else():
    assert {id_.partition(".")[2] for id_ in CALLED} == set(AMAZON.limits)


def test_a_short_id_never_means_what_is_removed():
    """One that is unique by chance may: nothing else has that name, and it is told at each call."""
    for default in catalog._data()["defaults"].values():
        assert find(default).removed is None
