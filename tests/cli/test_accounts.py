"""`accounts list|pause|resume|rename`."""

from attrs import evolve

from entrepot.store.records import AccountRow
from tests.cli.shop import NOW, SHOP, TEA, morning


def accounts(ask):
    return {one["account"]: one for one in ask("accounts", "list")}


def test_accounts_are_listed_before_any_daemon_has_run(entrepot, ask, folder):
    told = accounts(ask)[SHOP]
    assert (told["state"], told["environment"], told["publish"]) == ("not started yet", "simulator", "live")
    assert not (folder / "shop.db").exists()


def test_each_state_tells_since_when_and_what_comes_next(entrepot, ask, fill):
    """Covers P8: the one that stops most is told."""
    fill(morning)
    assert (accounts(ask)[SHOP]["state"], accounts(ask)[SHOP]["since"]) == ("live", None)
    fill(lambda tx: tx.accounts.park(SHOP, NOW))
    assert accounts(ask)[SHOP]["next_action"] == "entrepot problems"
    entrepot("accounts", "pause", SHOP)
    told = accounts(ask)[SHOP]
    assert (told["state"], told["next_action"]) == ("paused", "entrepot accounts resume webshop")
    assert told["since"].startswith("2026-11-24T10:41:50")
    fill(lambda tx: tx.accounts.detach_others([], NOW))
    assert accounts(ask)[SHOP]["state"] == "detached"
    assert "put [accounts.webshop] back" in " ".join(entrepot("accounts", "list").stdout.split())


def test_a_paused_account_is_a_problem_until_it_is_resumed(entrepot, ask, fill):
    """Covers P8."""
    fill(morning)
    assert entrepot("accounts", "pause", SHOP).stdout == "webshop is paused.\n"
    assert "already" in entrepot("accounts", "pause", SHOP).stdout
    (problem,) = ask("problems", code=1)
    assert (problem["kind"], problem["next_action"]) == ("account_paused", "entrepot accounts resume webshop")
    assert ask("status")["accounts"][0]["state"] == "paused"
    assert "is paused" in entrepot("offers", "why", TEA, code=0).stdout
    assert "Next: entrepot accounts resume webshop" in entrepot("sync", SHOP, code=4).stderr
    assert ask("accounts", "resume", SHOP)["state"] == "live"
    assert "was not paused" in entrepot("accounts", "resume", SHOP).stdout
    assert ask("problems") == []


def test_an_account_can_be_paused_before_its_first_start(entrepot, ask):
    entrepot("accounts", "pause", SHOP)
    assert accounts(ask)[SHOP]["state"] == "paused"


def test_an_id_is_permanent(entrepot, fill, ask):
    fill(morning)
    told = entrepot("accounts", "rename", SHOP, "shop-2", code=4).stderr
    assert "an id is permanent" in told
    assert "add [accounts.shop-2] to plugins.toml" in told
    assert list(accounts(ask)) == [SHOP]
    entrepot("accounts", "rename", "webshp", "shop-2", code=2)


def test_an_account_that_left_keeps_its_orders_and_their_units(entrepot, ask, fill, folder):
    """Covers P8: `offers why` and `stock show` still account for them."""
    fill(morning, lambda tx: tx.accounts.save(AccountRow("market", "mock", evolve(tx.accounts.find(SHOP)).publish)))
    before = ask("stock", "show", TEA)
    fill(lambda tx: tx.accounts.detach_others(["market"], NOW))
    text = (folder / "plugins.toml").read_text().replace("accounts.webshop", "accounts.market")
    (folder / "plugins.toml").write_text(text)
    assert ask("stock", "show", TEA) == before
    assert "webshop is detached" in entrepot("offers", "why", TEA).stdout
