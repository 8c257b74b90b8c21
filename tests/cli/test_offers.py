"""What a channel shows beside what we want, and why."""

from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from entrepot.channel import AccountDescription
from entrepot.model import Marketplace, Publish, Sku
from entrepot.stock.mass_change import Share
from entrepot.stock.rules import Rule
from entrepot.store.records import AttemptItem
from entrepot.sync.description import dump_description
from entrepot.sync.observing import miss_offers
from entrepot.sync.stocktaking import count, receive
from tests.cli.shop import NOW, SHOP, TEA, before, document, morning, offer, open_account, send, take

PROVED = """\
TEA-ASSAM-250 on webshop, fulfilled by us
  on hand    64  main: count of 06:00:00 and 2 movements since
  reserved   -7  entrepot orders list --sku TEA-ASSAM-250 --open
  buffer     -7  rule 1, never published
  desired    50  version 4, 11:41:06
  live       50  showed 50 at 11:41:07
  sent       50  11:41:07, push_stock, accepted, attempt 00000032
  effective  50  11:41:44, read back
Nothing to do.
"""


def test_why_names_every_step_from_the_shelf_to_the_channel(entrepot, fill):
    """Covers P8."""
    fill(morning, lambda tx: send(tx, 50, result="", at=before(seconds=43), effective=True))
    assert entrepot("offers", "why", TEA).stdout == PROVED


def test_why_as_json_is_one_document(ask, fill):
    fill(morning)
    (told,) = ask("offers", "why", TEA, "--account", "webshop")
    assert told["explanation"]["offer"]["desired"] == 50
    assert told["explanation"]["parts"][0]["places"] == [
        {"location": "main", "on_hand": 64, "reserved": 7, "counted_at": "2026-11-24T05:00:00Z", "moved_since": 2}
    ]


def test_why_names_the_stores_that_show_one_number(entrepot, fill):
    """Covers R55."""
    stores = tuple(Marketplace(name, "EUR", "Europe/Berlin", "EUROPE") for name in ("DE", "FR"))
    fill(morning, lambda tx: tx.accounts.describe(SHOP, dump_description(AccountDescription(stores))))
    first = entrepot("offers", "why", TEA).stdout.splitlines()[0]
    assert first == "TEA-ASSAM-250 on webshop, fulfilled by us, one number for DE FR"


def next_step(entrepot, name=TEA):
    return entrepot("offers", "why", name).stdout.splitlines()[-1]


def test_a_lower_number_goes_out_at_once(entrepot, fill):
    fill(morning)
    assert next_step(entrepot) == "Is lowered at once while entrepot run runs."


def test_a_raise_waits_for_the_orders(entrepot, fill):
    fill(open_account, lambda tx: offer(tx, shown=1), take, morning)
    fill(lambda tx: tx.offers.show(tx.offers.find(SHOP, TEA), 1, NOW, NOW, 1))
    assert next_step(entrepot) == "Is raised with the next push while entrepot run runs."
    fill(lambda tx: tx.offers.wish(tx.offers.find(SHOP, TEA), 51, NOW))
    expected = "Is raised after an order pass that covers version 5; the last one ends 30 s before."
    assert next_step(entrepot) == expected


def test_a_refused_number_is_told_with_the_reason(entrepot, fill):
    fill(morning, lambda tx: send(tx, 50, result="listing is closed"))
    shown = entrepot("offers", "why", TEA).stdout
    assert "tried     50  11:41:50, push_stock, listing is closed, attempt 00000032" in shown
    assert "mend the offer there" in shown


def test_an_attempt_of_unknown_outcome_is_read_back_first(entrepot, fill):
    fill(morning, lambda tx: send(tx, 50, at=before(minutes=2)))
    assert next_step(entrepot) == "Nothing to do: an attempt is open (outcome unknown, it is read back)."


def test_in_shadow_nothing_is_sent(entrepot, fill):
    fill(morning, lambda tx: open_account(tx, Publish.SHADOW))
    assert next_step(entrepot) == 'Nothing is sent: publish = "shadow". Next: entrepot offers diff webshop'


def test_an_unmapped_offer_and_one_that_was_never_counted(entrepot, fill):
    fill(open_account, lambda tx: offer(tx, "SET-XMAS", sku=None), lambda tx: offer(tx, "MUG", sku=Sku("MUG-BLUE")))
    assert next_step(entrepot, "SET-XMAS").endswith("catalog file, then: entrepot problems retry")
    assert next_step(entrepot, "MUG").endswith("Next: entrepot stock count MUG-BLUE UNITS")


def test_problems_of_the_offer_stand_beside_it(entrepot, fill):
    fill(morning, lambda tx: take(tx, document("W-3", 90)))
    assert "problem    P1  33 more units of TEA-ASSAM-250 are promised" in entrepot("offers", "why", TEA).stdout


def test_an_unknown_offer_names_the_nearest(entrepot, fill):
    fill(morning)
    assert "nearest is TEA-ASSAM-250" in entrepot("offers", "why", "TEA-ASAM-250", code=2).stderr


def test_diff_counts_and_gives_reasons(entrepot, ask, fill):
    fill(morning, lambda tx: open_account(tx, Publish.SHADOW), lambda tx: offer(tx, "MUG", sku=Sku("MUG-BLUE")))
    lines = entrepot("offers", "diff", "webshop").stdout.splitlines()
    assert lines == [
        'webshop: 2 offers that we fulfill; publish = "shadow"',
        "equal 0   would lower 1   would raise 0   never counted 1",
        "offer           live   ours   because",
        "TEA-ASSAM-250     52     50   available 57, buffer 7 (rule 1)",
        "Nothing is published of what was never counted. Next: entrepot stock count SKU UNITS",
        'Next: publish = "live" in plugins.toml, then: entrepot reload, or entrepot run',
    ]
    (told,) = ask("offers", "diff")
    assert (told["lower"], told["differences"][0]["live"], told["differences"][0]["ours"]) == (1, 52, 50)


def miss(*names):
    """The channel answers that it has no such offers."""
    return lambda tx: miss_offers(tx, tx.accounts.find(SHOP), names, NOW + timedelta(minutes=1), NOW)


def test_an_offer_that_the_channel_lost_is_not_counted_as_equal(entrepot, ask, fill):
    """Covers P8."""
    fill(morning, lambda tx: send(tx, 50, result="", effective=True))
    assert ask("offers", "diff")[0]["equal"] == 1
    fill(miss(TEA))
    (told,) = ask("offers", "diff")
    assert (told["equal"], told["missing"], told["differences"]) == (0, 1, [])
    assert "not on the channel 1: entrepot problems" in entrepot("offers", "diff").stdout
    assert "not on the channel" in entrepot("offers", "list").stdout


def test_why_says_believed_of_what_was_not_read_back(entrepot, fill):
    fill(morning, lambda tx: send(tx, 50, result=""))
    assert "live 50 believed: 50 was accepted at 11:41:50, and not read back yet" in why(entrepot)
    assert "effective - nothing was read back yet" in why(entrepot)
    fill(lambda tx: tx.offers.effective(tx.offers.find(SHOP, TEA), 50, NOW))
    assert "live 50 showed 50 at 11:41:50" in why(entrepot)


def test_why_says_believed_of_what_may_have_been_applied(entrepot, fill):
    fill(morning)

    def doubt(tx):
        item = AttemptItem(TEA, 50, tx.offers.find(SHOP, TEA).desired_version, 52, NOW)
        tx.offers.unknown(SHOP, item, NOW, NOW)

    fill(doubt)
    assert "believed: at most 60; 50 was sent at 11:41:50, not read back yet" in why(entrepot)


def why(entrepot):
    return " ".join(entrepot("offers", "why", TEA).stdout.split())


def test_a_shortage_without_an_open_order_asks_for_a_count(entrepot, fill):
    fill(open_account, offer, lambda tx: receive(tx, TEA, 3, "delivery", before(hours=3)))
    fill(lambda tx: take(tx, document("W-3", 5)))
    assert "or cancel one of: entrepot orders list --sku TEA-ASSAM-250" in entrepot("problems", "show", "P1").stdout
    fill(lambda tx: take(tx, document("W-3", 5, sent=5, changed=NOW + timedelta(seconds=1))))
    shown = entrepot("problems", "show", "P1").stdout
    assert "2 more units of TEA-ASSAM-250 have left than were there" in shown
    assert "entrepot stock count TEA-ASSAM-250 UNITS" in shown
    assert "cancel" not in shown


def test_a_shortage_is_no_matter_of_a_rule(entrepot, fill):
    fill(open_account, offer, lambda tx: count(tx, Sku(TEA), 3, NOW, "count", NOW))
    fill(lambda tx: take(tx, document("W-3", 5)))
    assert entrepot("offers", "diff").stdout.splitlines()[3].endswith("available -2, buffer 7 (rule 1)")
    assert "main: count of 11:41:50 and no movement since" in why(entrepot)


def test_list_shows_both_numbers(entrepot, ask, fill):
    fill(morning)
    assert entrepot("offers", "list").stdout.splitlines()[1].split() == [
        *("webshop", TEA, "50", "52", "-", "-"),
        *("to", "be", "lowered"),
    ]
    assert ask("offers", "list", "webshop")[0]["believed"] == 52


def test_an_unknown_account_is_refused(entrepot, fill):
    fill(morning)
    assert "nearest is webshop" in entrepot("offers", "list", "webshp", code=2).stderr


RULED = """\
  buffer      -7  rule 1, never published
  share       25  rule 2, 50% of what is left after the buffer
  stop_below   3  rule 2, not reached
  cap         20  rule 3, reached
"""


def rules(*more):
    return lambda tx: tx.accounts.save(evolve(tx.accounts.find(SHOP), rules=(Rule(1, buffer=7), *more)))


def test_why_and_diff_name_the_rule_of_each_step(entrepot, fill):
    fill(morning, rules(Rule(2, share=Share(Decimal(50)), stop_below=3), Rule(3, sku=TEA, cap=20)))
    assert RULED in entrepot("offers", "why", TEA).stdout
    assert "available 57, buffer 7 (rule 1), share 50% (rule 2), cap 20 (rule 3)" in entrepot("offers", "diff").stdout
    fill(rules(Rule(2, stop_below=58)))
    assert "stop_below  58  rule 2, nothing is shown, only 57 are available" in entrepot("offers", "why", TEA).stdout
    assert "available 57, stop_below 58 (rule 2)" in entrepot("offers", "diff").stdout


def test_a_rule_that_keeps_an_offer_from_being_sent_is_named(entrepot, fill):
    def held(tx):
        rules(Rule(2, publish=Publish.SHADOW))(tx)
        tx.offers.allow(tx.offers.find(SHOP, TEA), Publish.SHADOW)

    fill(morning, held)
    assert next_step(entrepot) == 'Nothing is sent: publish = "shadow" (rule 2). Next: entrepot offers diff webshop'
    assert 'publish = "shadow" (rule 2)' in " ".join(entrepot("offers", "diff").stdout.split())
    assert 'a rule says publish = "shadow"' in entrepot("offers", "list").stdout
