from hypothesis import given
from hypothesis import strategies as st

from entrepot.model import AccountId, Publish, Sku
from entrepot.stock.rules import KEYS, NO_RULE, Rule, least_publish, terms_for

SHOP, MUG = AccountId("shop"), Sku("MUG")
small = st.none() | st.integers(0, 9)
rules = st.lists(
    st.builds(
        Rule,
        number=st.just(1),
        account=st.sampled_from([None, SHOP, "other"]),
        group=st.sampled_from([None, "cups", "teas"]),
        sku=st.sampled_from([None, MUG, "CAP"]),
        buffer=small,
        cap=small,
        stop_below=small,
        publish=st.none() | st.sampled_from(Publish),
    ),
    max_size=6,
).map(lambda found: [Rule(number, *rule_parts(rule)) for number, rule in enumerate(found, 1)])


def rule_parts(rule):
    return (rule.account, rule.group, rule.sku, *(getattr(rule, key) for key in KEYS))


def terms(*found):
    return terms_for(found, SHOP, MUG, "cups")


def test_later_rules_override_key_by_key_and_each_key_names_its_rule():
    found = terms(Rule(1, buffer=2, cap=9), Rule(2, sku=Sku("CAP"), cap=1), Rule(3, account=SHOP, buffer=0))
    assert (found.buffer, found.cap, found.by) == (0, 9, {"buffer": 3, "cap": 1})


def test_all_matchers_of_a_rule_must_match():
    assert terms(Rule(1, account=SHOP, group="teas", buffer=2)) == NO_RULE
    assert terms(Rule(1, account=SHOP, group="cups", sku=MUG, buffer=2)).buffer == 2


@given(rules)
def test_the_last_rule_that_matches_and_says_something_wins(found):
    told = terms(*found)
    for key in KEYS:
        saying = [one for one in found if one.matches(SHOP, MUG, "cups") and getattr(one, key) is not None]
        expected = getattr(saying[-1] if saying else NO_RULE, key)
        assert getattr(told, key) == expected
        assert told.by.get(key) == (saying[-1].number if saying else None)


def test_an_offer_is_sent_only_where_every_article_may_be():
    live, shadow, off = (terms(Rule(1, publish=publish)) for publish in (Publish.LIVE, Publish.SHADOW, Publish.OFF))
    assert least_publish([live, shadow]) is Publish.SHADOW
    assert least_publish([shadow, off]) is Publish.OFF
    assert least_publish([live]) is least_publish([]) is Publish.LIVE
