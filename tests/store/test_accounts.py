from decimal import Decimal

from attrs import evolve

from entrepot.model import Publish, Sku
from entrepot.stock.mass_change import Share
from entrepot.stock.rules import Rule
from tests.store.values import NOON, OTHER, SHOP, account, minutes

RULES = (
    Rule(1, buffer=3, share=Share(Decimal("12.5"))),
    Rule(3, account=SHOP, group="cups", sku=Sku("MUG"), cap=9, stop_below=2, publish=Publish.SHADOW),
)


def test_an_account_keeps_what_the_configuration_does_not_say(write, read):
    def configure(tx):
        tx.accounts.save(account())
        tx.accounts.describe(SHOP, "{}")
        tx.accounts.set_clock_offset(SHOP, -1.5)
        tx.accounts.park(SHOP, NOON)
        tx.accounts.save(changed)

    changed = evolve(account(), publish=Publish.OFF, rules=RULES, bundles={"SET": {"MUG": 2}})
    write(configure)
    kept = evolve(changed, parked_since=NOON, clock_offset=-1.5, description="{}")
    assert read(lambda tx: tx.accounts.find(SHOP)) == kept


def test_parking_and_resuming_happen_once(write):
    write(lambda tx: tx.accounts.save(account()))
    assert write(lambda tx: tx.accounts.park(SHOP, NOON))
    assert not write(lambda tx: tx.accounts.park(SHOP, minutes(1)))
    assert write(lambda tx: tx.accounts.resume(SHOP))
    assert not write(lambda tx: tx.accounts.resume(SHOP))


def test_an_account_that_left_the_configuration_stays_detached_until_it_is_back(write, read):
    """Covers P8: it stays visible."""
    write(lambda tx: [tx.accounts.save(account(id_)) for id_ in (SHOP, OTHER)])
    write(lambda tx: tx.accounts.detach_others([SHOP], NOON))
    assert read(lambda tx: [(row.id, row.detached_since) for row in tx.accounts.all()]) == [(OTHER, NOON), (SHOP, None)]
    write(lambda tx: tx.accounts.save(account(OTHER)))
    assert read(lambda tx: tx.accounts.find(OTHER)).detached_since is None


def test_articles_are_renamed_not_doubled(write, read):
    write(lambda tx: tx.accounts.save_articles([(Sku("MUG"), "Mug", "cups"), (Sku("CAP"), "Cap", "")]))
    write(lambda tx: tx.accounts.save_articles([(Sku("MUG"), "Big mug", "cups")]))
    assert read(lambda tx: tx.accounts.articles()) == [("CAP", "Cap", ""), ("MUG", "Big mug", "cups")]
    assert read(lambda tx: tx.accounts.known_articles(["MUG", "mug", "NONE"])) == {"MUG": "cups"}
