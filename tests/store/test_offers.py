from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.model import Bundle, Fulfillment, Sku
from entrepot.store.records import Excess
from tests.store.opened import done
from tests.store.values import NOON, OTHER, SHOP, account, attempt, item, minutes, offered


def found(read, name="MUG"):
    return read(lambda tx: tx.offers.find(SHOP, name))


def names(read, known_until=NOON, limit=50):
    return [offer.external_id for offer in read(lambda tx: tx.offers.to_push(SHOP, known_until, limit))]


def test_an_offer_that_is_seen_again_keeps_what_is_known(write, read):
    write(lambda tx: offered(tx, "MUG", shown=5, desired=7))
    write(lambda tx: tx.offers.see(SHOP, "MUG", Fulfillment.CHANNEL, 99, minutes(9)))
    offer = found(read)
    assert (offer.shown, offer.believed, offer.desired, offer.shown_at) == (5, 5, 7, NOON)
    assert offer.fulfillment is Fulfillment.CHANNEL
    assert found(read, "CAP") is None
    assert [row.external_id for row in read(lambda tx: tx.offers.all(OTHER))] == []


def test_bundles_are_kept_in_versions(write, read):
    first, second = Bundle(1, {Sku("CAP"): 1, Sku("MUG"): 2}), Bundle(2, {Sku("MUG"): 3})
    write(lambda tx: tx.offers.see(SHOP, "SET", Fulfillment.MERCHANT, 0, NOON))
    assert read(lambda tx: tx.offers.of_skus([Sku("MUG")])) == []
    write(lambda tx: [tx.offers.map(SHOP, "SET", bundle) for bundle in (first, second)])
    assert found(read, "SET").bundle_version == 2
    assert read(lambda tx: tx.offers.bundle(SHOP, "SET", 1)) == first
    assert read(lambda tx: tx.offers.bundles(SHOP, ["SET", "NONE"])) == {"SET": second}
    assert [row.external_id for row in read(lambda tx: tx.offers.of_skus([Sku("MUG")]))] == ["SET"]
    assert read(lambda tx: tx.offers.of_skus([Sku("CAP")])) == [], "it takes no cap any more"


def test_zeros_first_then_decreases_then_raises(write, read):
    """Covers P4: decreases overtake everything."""

    def fill(tx):
        offered(tx, "raise", shown=1, desired=2, wished=minutes(-9))
        offered(tx, "late decrease", shown=5, desired=1, wished=minutes(2))
        offered(tx, "decrease", shown=5, desired=4, wished=minutes(1))
        offered(tx, "zero", shown=5, desired=0, wished=minutes(3))
        offered(tx, "equal", shown=5, desired=5)
        offered(tx, "unknown", shown=5)
        offered(tx, "theirs", shown=5, desired=0, fulfillment=Fulfillment.CHANNEL)

    write(fill)
    assert names(read) == ["zero", "decrease", "late decrease", "raise"]
    assert names(read, limit=2) == ["zero", "decrease"]
    assert names(read, known_until=None) == ["zero", "decrease", "late decrease"]


def test_a_raise_waits_for_an_order_pass_newer_than_its_version(write, read):
    """Covers P4: an absolute raise would sell unseen sales again."""
    write(lambda tx: offered(tx, "MUG", shown=1, desired=2, wished=NOON))
    assert names(read, known_until=minutes(-1)) == []
    assert names(read, known_until=NOON) == ["MUG"]


def test_a_named_offer_waits_for_its_attempt(write, read):
    """Covers P5: what may have been applied is read back before it is sent again."""
    write(lambda tx: offered(tx, "MUG", shown=5, desired=2))
    write(lambda tx: tx.offers.save_attempt(attempt("t1", item("MUG", 2))))
    assert names(read) == []
    write(lambda tx: tx.offers.release(SHOP, "MUG", "another"))
    assert names(read) == []
    write(lambda tx: tx.offers.release(SHOP, "MUG", "t1"))
    assert names(read) == ["MUG"]


def test_an_offer_inside_a_bulk_job_is_written_singly_only_to_go_down(write, read):
    """Covers P4."""
    for name, shown in (("up", 1), ("down", 9)):
        write(lambda tx, name=name, shown=shown: offered(tx, name, shown=shown, desired=5))
    write(lambda tx: tx.offers.save_attempt(attempt("job", item("up", 5), item("down", 5), operation="submit_bulk")))
    assert names(read) == ["down"]


def test_accepted_is_believed_not_yet_effective(write, read):
    """Covers P5."""
    sent = attempt("t1", item("MUG", 7))
    write(lambda tx: offered(tx, "MUG", shown=5, desired=7))
    write(lambda tx: tx.offers.save_attempt(sent))
    write(lambda tx: tx.offers.accepted(sent, sent.items[0], minutes(1), minutes(1), minutes(2)))
    offer = found(read)
    assert (offer.sent, offer.sent_version, offer.sent_at) == (7, 1, minutes(1))
    assert (offer.believed, offer.shown, offer.shown_at, offer.attempt) == (7, 7, minutes(1), None)
    assert offer.effective is None
    assert read(lambda tx: tx.offers.to_verify(SHOP, minutes(1), 9)) == []
    assert read(lambda tx: tx.offers.to_verify(SHOP, minutes(2), 9)) == ["MUG"]
    assert read(lambda tx: tx.offers.next_verify(SHOP)) == minutes(2)


def test_a_sale_before_a_write_took_effect_may_be_undone_by_it(write, read):
    """Covers P4: the absolute number that is still on its way puts the units of the sale on show again."""
    sent = attempt("t1", item("MUG", 7))
    write(lambda tx: offered(tx, "MUG", shown=5, desired=7))
    write(lambda tx: tx.offers.save_attempt(sent))
    write(lambda tx: tx.offers.accepted(sent, sent.items[0], minutes(1), minutes(1), minutes(3)))
    write(lambda tx: tx.offers.sold(SHOP, [("MUG", 2, minutes(2))], NOON))
    assert found(read).believed == 7, "it may take effect until minute 3"
    write(lambda tx: tx.offers.sold(SHOP, [("MUG", 3, minutes(4))], NOON))
    assert found(read).believed == 4
    write(lambda tx: tx.offers.effective(tx.offers.find(SHOP, "MUG"), 7, minutes(5)))
    write(lambda tx: tx.offers.sold(SHOP, [("MUG", 2, minutes(2))], NOON))
    assert found(read).believed == 2, "once it was read back, nothing is on its way"


def test_an_older_answer_takes_nothing_from_a_newer_attempt(write, read):
    """Covers P5: a bulk job ends while a single decrease is on its way."""
    job = attempt("job", item("MUG", 9, version=1), operation="submit_bulk")
    single = attempt("t2", item("MUG", 3, version=2))

    def overtake(tx):
        offered(tx, "MUG", shown=5, desired=9)
        tx.offers.save_attempt(job)
        tx.offers.wish(tx.offers.find(SHOP, "MUG"), 3, minutes(1))
        tx.offers.save_attempt(single)

    write(overtake)
    write(lambda tx: tx.offers.accepted(job, job.items[0], minutes(2), minutes(2), minutes(3)))
    assert (found(read).attempt, found(read).believed) == ("t2", 9)
    write(lambda tx: tx.offers.accepted(single, single.items[0], minutes(3), minutes(3), minutes(4)))
    write(lambda tx: tx.offers.accepted(job, job.items[0], minutes(5), minutes(5), minutes(6)))
    assert (found(read).attempt, found(read).sent, found(read).believed) == (None, 3, 3)


def test_a_refused_version_is_not_sent_again(write, read):
    """Covers P8: the next version is."""
    old = attempt("job", item("MUG", 9, version=1), operation="submit_bulk")
    new = attempt("t2", item("MUG", 3, version=2))

    def refuse(tx):
        offered(tx, "MUG", shown=5, desired=9)
        tx.offers.save_attempt(old)
        tx.offers.wish(tx.offers.find(SHOP, "MUG"), 3, NOON)
        tx.offers.save_attempt(new)
        tx.offers.rejected(new, new.items[0])
        tx.offers.rejected(old, old.items[0])

    write(refuse)
    assert found(read).rejected_version == 2
    assert names(read) == []
    write(lambda tx: tx.offers.wish(tx.offers.find(SHOP, "MUG"), 4, NOON))
    assert names(read) == ["MUG"]


def test_a_refusal_leaves_the_name_of_a_later_attempt(write, read):
    """Covers P5."""
    old, new = attempt("t1", item("MUG", 9)), attempt("t2", item("MUG", 3, version=2))
    write(lambda tx: offered(tx, "MUG", shown=5, desired=9))
    write(lambda tx: [tx.offers.save_attempt(sent) for sent in (old, new)])
    write(lambda tx: tx.offers.rejected(old, old.items[0]))
    assert found(read).attempt == "t2"


def test_of_an_unknown_outcome_the_higher_number_is_believed(write, read):
    """Covers P4, P5."""
    for name, quantity, believed in (("up", 9, 9), ("down", 2, 5)):
        sent = attempt(name, item(name, quantity))
        write(lambda tx, name=name: offered(tx, name, shown=5, desired=7))
        write(lambda tx, sent=sent: tx.offers.save_attempt(sent))
        write(lambda tx, sent=sent: tx.offers.unknown(SHOP, sent.items[0], minutes(1), minutes(2)))
        offer = found(read, name)
        assert (offer.believed, offer.shown, offer.sent) == (believed, believed, quantity)
        assert offer.attempt == name
    assert read(lambda tx: tx.offers.to_verify(SHOP, minutes(2), 9)) == ["down", "up"]


def test_a_sale_after_the_sight_lowers_what_is_believed(write, read):
    """Covers P4: the channel took it off by itself."""
    write(lambda tx: offered(tx, "MUG", shown=5))
    write(lambda tx: tx.offers.sold(SHOP, [("MUG", 2, NOON)], NOON))
    assert found(read).believed == 5, "the number seen has that sale in it"
    write(lambda tx: tx.offers.sold(SHOP, [("MUG", 2, minutes(1)), ("CAP", 1, minutes(1))], NOON))
    assert (found(read).believed, found(read).shown) == (3, 5)
    write(lambda tx: tx.offers.sold(SHOP, [("MUG", 9, minutes(1))], NOON))
    assert found(read).believed == 0


def test_an_observation_is_kept_and_may_await_an_order_pass(write, read):
    """Covers P5."""
    write(lambda tx: offered(tx, "MUG", shown=5, desired=5))
    write(
        lambda tx: tx.offers.observe(
            tx.offers.find(SHOP, "MUG"),
            3,
            minutes(3),
            minutes(4),
            issues=["no image"],
            awaiting_pass=True,
            verify_due=minutes(9),
        )
    )
    offer = found(read)
    assert (offer.observed, offer.observed_at, offer.issues) == (3, minutes(3), ("no image",))
    assert (offer.awaiting_pass, offer.verify_due) == (True, minutes(9))
    assert read(lambda tx: tx.offers.awaiting(SHOP, minutes(3))) == []
    assert read(lambda tx: tx.offers.awaiting(SHOP, minutes(4))) == [offer]


def test_what_was_seen_becomes_shown_and_effective(write, read):
    """Covers P5."""
    sent = attempt("t1", item("MUG", 7))
    write(lambda tx: offered(tx, "MUG", shown=5, desired=7))
    write(lambda tx: tx.offers.accepted(sent, sent.items[0], minutes(1), minutes(1), minutes(2)))
    write(lambda tx: tx.offers.show(tx.offers.find(SHOP, "MUG"), 7, minutes(3), minutes(3), 6))
    write(lambda tx: tx.offers.effective(tx.offers.find(SHOP, "MUG"), 7, minutes(3)))
    offer = found(read)
    assert (offer.shown, offer.shown_at, offer.believed) == (7, minutes(3), 6)
    assert (offer.effective, offer.effective_version, offer.effective_at) == (7, 1, minutes(3))


def test_every_article_and_every_offer_is_asked_for(write, read):
    """Covers P8: an article that is not listed is found missing."""
    write(lambda tx: tx.accounts.save(account()))
    write(lambda tx: tx.accounts.save_articles([(Sku("B"), "", ""), (Sku("D"), "", "")]))
    write(lambda tx: [offered(tx, name, shown=0) for name in ("A", "B", "E")])
    assert read(lambda tx: tx.offers.candidates(SHOP, "", 3)) == ["A", "B", "D"]
    assert read(lambda tx: tx.offers.candidates(SHOP, "D", 3)) == ["E"]
    write(lambda tx: tx.offers.verify(SHOP, "E", minutes(1)))
    assert read(lambda tx: tx.offers.to_verify(SHOP, minutes(1), 9)) == ["E"]


def test_an_attempt_is_noted_run_answered_and_closed_once(write, read):
    """Covers P5: it stays open until its outcome is known."""
    first = attempt("job", item("MUG", 7), item("CAP", 1), operation="submit_bulk")
    later = attempt("t2", item("MUG", 8, version=2), created=minutes(1))
    write(lambda tx: [tx.offers.save_attempt(sent) for sent in (first, later)])
    write(lambda tx: tx.offers.run_attempt("job", "ticket"))
    write(lambda tx: tx.offers.save_result("job", "CAP", "no such offer"))
    cap, mug = evolve(first.items[1], result="no such offer"), first.items[0]
    running = evolve(first, state="running", ticket="ticket", items=(cap, mug))
    stored = read(lambda tx: tx.offers.open_attempts(SHOP))
    assert stored == [running, later]
    assert stored[0].items == (cap, mug)
    assert write(lambda tx: tx.offers.close_attempt("job", "done", minutes(2)))
    assert not write(lambda tx: tx.offers.close_attempt("job", "again", minutes(3)))
    write(lambda tx: tx.offers.run_attempt("job", "late"))
    assert read(lambda tx: tx.offers.open_attempts(SHOP)) == [later]
    history = read(lambda tx: tx.offers.attempts_of(SHOP, "MUG"))
    assert [(sent.id, sent.state, noted.quantity) for sent, noted in history] == [
        ("t2", "open", 8),
        ("job", "closed", 7),
    ]
    assert len(read(lambda tx: tx.offers.attempts_of(SHOP, "MUG", 1))) == 1


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    offers=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(-3, 3)), min_size=1, max_size=8),
    known=st.none() | st.integers(-3, 3),
)
def test_whatever_is_wished_is_sent_in_the_order_of_danger(store, offers, known):
    """Covers P4."""

    def push(tx):
        for number, (shown, desired, wished) in enumerate(offers):
            name = f"{test_whatever_is_wished_is_sent_in_the_order_of_danger.series}-{number}"
            offered(tx, name, shown=shown, desired=desired, wished=minutes(wished))
        known_until = None if known is None else minutes(known)
        sent = tx.offers.to_push(SHOP, known_until, 50)
        for offer in tx.offers.all(SHOP):  # out of the way of the next example
            tx.offers.wish(offer, None, NOON)
        return sent

    test_whatever_is_wished_is_sent_in_the_order_of_danger.series += 1
    sent = done(store.write(push))
    danger = [(offer.desired >= offer.believed, offer.desired > 0) for offer in sent]
    assert danger == sorted(danger)
    passed = [wished for shown, desired, wished in offers if desired > shown and known is not None and wished <= known]
    lowered = [desired for shown, desired, _ in offers if desired < shown]
    assert len(sent) == len(passed) + len(lowered)


test_whatever_is_wished_is_sent_in_the_order_of_danger.series = 0


def test_an_unmapped_offer_is_made_of_nothing_and_wished_nothing(write, read):
    write(lambda tx: offered(tx, "MUG", shown=5, desired=7))
    write(lambda tx: tx.offers.unmap(tx.offers.find(SHOP, "MUG"), minutes(1)))
    offer = found(read)
    assert (offer.bundle_version, offer.desired, offer.desired_version, offer.shown) == (None, None, 2, 5)
    assert read(lambda tx: tx.offers.bundles(SHOP, ["MUG"])) == {}
    assert read(lambda tx: tx.offers.last_version(SHOP, "MUG")) == 0, "what orders were taken in under stays"
    assert read(lambda tx: tx.offers.last_version(SHOP, "CAP")) is None


def test_a_forgotten_offer_leaves_no_trace(write, read):
    write(lambda tx: [offered(tx, name, shown=5) for name in ("MUG", "CAP")])
    write(lambda tx: tx.offers.forget(tx.offers.find(SHOP, "MUG")))
    assert (found(read), read(lambda tx: tx.offers.last_version(SHOP, "MUG"))) == (None, None)
    assert found(read, "CAP") is not None


def test_the_first_excess_of_an_offer_waits_until_it_is_judged(write, read):
    first = Excess(SHOP, "MUG", 9, minutes(5), 4, minutes(1))
    write(lambda tx: [tx.offers.exceed(one) for one in (first, evolve(first, seen=8, seen_at=minutes(6)))])
    assert read(lambda tx: tx.offers.excess(SHOP, "MUG")) == first
    assert write(lambda tx: tx.offers.exceeding(SHOP, minutes(4))) == []
    assert write(lambda tx: tx.offers.exceeding(OTHER, minutes(9))) == []
    assert write(lambda tx: tx.offers.exceeding(SHOP, minutes(5))) == [first]
    assert read(lambda tx: tx.offers.excess(SHOP, "MUG")) is None


def test_offers_that_show_another_number_than_ours_are_counted(write, read):
    write(lambda tx: tx.accounts.save(account(OTHER)))
    write(lambda tx: [offered(tx, "MUG", shown=5, desired=7), offered(tx, "CAP", shown=5, desired=5)])
    write(lambda tx: [offered(tx, "TEA", shown=5), offered(tx, "POT", shown=5, desired=0)])
    write(lambda tx: offered(tx, "FBA", shown=5, desired=7, fulfillment=Fulfillment.CHANNEL))
    assert read(lambda tx: tx.offers.unequal()) == {SHOP: 2}
