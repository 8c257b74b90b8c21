"""The data that is shipped is what the script makes of Amazon's tables."""

import importlib.util
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from entrepot_amazon_sp.places import BY_ID, PLACES, REGIONS, code_of
from entrepot_amazon_sp.plans import PLANS

CONNECTOR = Path(__file__).parents[1]
TABLES = CONNECTOR.parents[2] / "shared" / "spapi"
DATA = CONNECTOR / "src" / "entrepot_amazon_sp" / "data"


def script():
    spec = importlib.util.spec_from_file_location("derive_data", CONNECTOR / "scripts" / "derive_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not TABLES.exists(), reason="Amazon's tables are not here (../shared/spapi)")
def test_the_data_is_what_the_script_makes_of_amazons_tables():
    assert {file: (DATA / file).read_text("utf-8") for file in ("marketplaces.toml", "rate_plans.toml")} == (
        script().derive(TABLES)
    )


def test_there_are_23_stores_in_three_regions():
    assert len(PLACES) == len(BY_ID) == 23
    assert {place.region for place in PLACES.values()} == set(REGIONS) == {"NA", "EU", "FE"}
    for place in PLACES.values():
        assert ZoneInfo(place.time_zone)
        assert code_of(place.id) == place.code
    assert code_of("A-NEW-ONE") == "A-NEW-ONE"


def test_one_quantity_serves_the_stores_of_a_european_account_and_no_others():
    pools = {}
    for place in PLACES.values():
        pools.setdefault(place.stock_pool, []).append(place.code)
    assert len(pools["EUROPE"]) == 10
    assert all(codes == [pool] for pool, codes in pools.items() if pool != "EUROPE")


def test_amazons_slowest_plans_are_kept_exactly():
    assert (PLANS["searchOrders"].per_second, PLANS["searchOrders"].burst) == (0.0056, 20)
    assert (PLANS["getMarketplaceParticipations"].per_second, PLANS["getMarketplaceParticipations"].burst) == (
        0.016,
        15,
    )
