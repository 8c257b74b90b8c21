"""What is sent to a channel: quantities, and documents to its storage."""

from functools import partial

from connectors.amazon_sp.tests import test_silent_success
from connectors.amazon_sp.tests.storage import test_upload
from connectors.amazon_sp.tests.storage.bucket import fault
from entrepot.errors import RejectedError
from tests.cli import test_first_day
from tests.config import test_pools
from tests.mutants import amazon, intake, loop, setup, trusting
from tests.mutants.closed.complaint import Complaint
from tests.sync import test_passes

MISMATCH = partial(
    test_upload.test_a_refusal_of_the_storage_is_named_and_not_repeated,
    refusal=fault("403 Forbidden", "SignatureDoesNotMatch", "no match"),
    kind=RejectedError,
    words="nothing on the way changes",
)

OFFERS = [
    Complaint(
        "R50",
        partial(test_passes.test_two_channels_race_for_the_last_units, seed=2),  # both commit at the same time
        loop.position_read_in_one_call_and_written_in_another,
    ),
    *(
        Complaint(
            "R52",
            partial(
                test_silent_success.test_a_quantity_that_is_accepted_and_without_effect_is_found_told_and_sent_again,
                units=units,
            ),
            mutant,
        )
        for units in (30, 3)
        for mutant in (
            trusting.accepted_is_effective,
            trusting.whatever_is_read_back_proves_it,
            trusting.what_had_no_effect_is_told_nobody,
        )
    ),
    *(
        Complaint("R55", test_pools.test_stores_of_one_stock_pool_cannot_be_given_different_numbers, mutant)
        for mutant in (setup.rules_by_store_are_taken, setup.accounts_divide_a_pool)
    ),
    Complaint(
        "R58",
        test_first_day.test_an_offer_that_the_channel_holds_is_never_sent_our_stock,
        intake.stock_sent_whoever_fulfills,
    ),
    *(
        Complaint("R60", test_first_day.test_why_a_sku_shows_nothing_while_units_are_there, mutant)
        for mutant in (setup.attempts_forgotten, setup.why_says_all_is_well)
    ),
    Complaint(
        "R66",
        test_upload.test_text_of_any_script_arrives_with_the_declared_content_type,
        amazon.text_sent_as_latin_1,
    ),
    Complaint("R66", MISMATCH, amazon.xml_of_a_storage_is_not_read),
    Complaint(
        "R66",
        test_upload.test_an_expired_link_is_renewed_with_its_document,
        amazon.expired_link_is_a_missing_permission,
    ),
]
