"""What buyers ordered, and every version of it."""

from tests.cli.shop import SHOP, TEA, before, document, morning, open_account, take

TWO = """\
W-2 on webshop, partially_shipped ("part_sent"), sent by us
placed 2026-11-24 09:41:50 on MOCK, changed 2026-11-24 11:41:45

line   offer           ordered   shipped   cancelled   open       gross   tax   discount   takes
1      TEA-ASSAM-250         7         2           0      5   20.00 EUR     -          -   7 TEA-ASSAM-250 at main

total 20.00 EUR

version   stored                changed               status              units
      1   2026-11-24 11:41:06   2026-11-24 11:41:05   unshipped           0 of 7 units shipped
      2   2026-11-24 11:41:46   2026-11-24 11:41:45   partially_shipped   2 of 7 units shipped

left                  units   sku             from   time
2026-11-24 11:41:45       2   TEA-ASSAM-250   main   when it was first seen gone; the channel did not say
"""


def sent_in_part(tx):
    take(tx, document("W-2", 7, sent=2, status="part_sent", changed=before(seconds=5)), now=before(seconds=4))


def test_show_tells_versions_lines_money_targets_and_shipments(entrepot, fill):
    fill(morning, sent_in_part)
    assert entrepot("orders", "show", "W-2").stdout == TWO


def test_what_a_channel_wrote_cannot_write_on_the_screen(entrepot, fill):
    """Covers P9: a word with an escape sequence could hide lines or make the terminal answer."""
    fill(open_account, lambda tx: take(tx, document("W-3", 1, status="paid\x1b[2J\x9b1A"), now=before(seconds=4)))
    shown = entrepot("orders", "show", "W-3").stdout
    assert 'unknown ("paid[2J1A")' in shown
    assert "\x1b" not in shown


def test_show_as_json_keeps_amounts_exact(ask, fill):
    fill(morning, sent_in_part)
    told = ask("orders", "show", "W-2", "--account", "webshop")
    assert told["versions"][1]["order"]["total"] == {"amount": "20.00", "currency": "EUR"}
    assert [version["order"]["status"] for version in told["versions"]] == ["unshipped", "partially_shipped"]
    assert told["targets"]["1"][0]["sku"] == TEA
    assert told["shipments"][0]["quantity"] == -2


def test_a_line_without_an_article_says_so(entrepot, fill):
    fill(open_account, lambda tx: take(tx, document("W-9", 1, offer="SET-XMAS")))
    assert "unmapped: no article has this SKU" in entrepot("orders", "show", "W-9").stdout


def test_an_order_that_nobody_has(entrepot, fill):
    fill(morning)
    assert "no order W-77 is stored" in entrepot("orders", "show", "W-77", code=2).stderr


def test_list_is_filtered_by_account_article_and_open_units(entrepot, ask, fill):
    fill(morning)
    assert [entry["order"]["external_id"] for entry in ask("orders", "list", "--open")] == ["W-2"]
    assert len(ask("orders", "list", "--sku", TEA, "--account", SHOP)) == 2
    assert ask("orders", "list", "--sku", "MUG-BLUE") == []
    assert len(ask("orders", "list", "--limit", "1")) == 1
    row = entrepot("orders", "list", "--open").stdout.splitlines()[1]
    assert row.split() == ["09:41:50", SHOP, "W-2", "unshipped", "7", "20.00", "EUR", "7", TEA]
