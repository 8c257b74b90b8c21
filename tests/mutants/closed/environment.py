"""What lies around: simulators, test suites, plugins, and operations that end."""

from datetime import date
from functools import partial

from connectors.amazon_sp.tests import test_catalog_data, test_retirement
from connectors.amazon_sp.tests.simulator import test_days as test_days_of_amazon
from tests import test_offline
from tests.mutants import amazon, setup
from tests.mutants.closed.complaint import Complaint
from tests.plugins import test_loading

NOTICED = partial(
    test_retirement.test_an_operation_that_ends_within_180_days_is_told_and_still_called, day=date(2026, 9, 28), count=1
)
GONE = partial(
    test_retirement.test_a_removed_type_is_refused_before_anything_is_sent,
    operation="createFeed",
    body={"feedType": "POST_PRODUCT_DATA"},
    words="Next: use JSON_LISTINGS_FEED",
)

ENVIRONMENT = [
    *(
        Complaint(
            "R95",
            test_days_of_amazon.test_orders_prices_quantities_and_faults_live_through_days_that_repeat_themselves,
            mutant,
        )
        for mutant in (
            amazon.simulator_only_says_that_it_ships,
            amazon.simulator_never_refuses,
            amazon.simulator_by_lot,
        )
    ),
    *(
        Complaint("R96", test_offline.test_nothing_outside_is_reached_and_no_credential_is_seen, mutant)
        for mutant in (setup.suite_may_go_anywhere, setup.suite_sees_credentials)
    ),
    Complaint(
        "R97",
        test_catalog_data.test_neither_a_default_nor_the_connector_points_at_what_is_removed_within_90_days,
        amazon.default_names_what_is_removed,
    ),
    Complaint("R97", NOTICED, amazon.ends_are_not_told),
    Complaint("R97", GONE, amazon.removed_types_are_sent),
    Complaint("R100", test_loading.test_what_is_not_loaded_says_why, setup.import_fails_in_silence),
    Complaint("R100", test_loading.test_what_is_not_loaded_says_why, setup.absent_plugin_is_not_listed),
]
