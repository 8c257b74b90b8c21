"""A seller's consent: where the browser goes, and what is believed of what it brings back."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from entrepot_amazon_sp.authorization import (
    PAGE_HEADERS,
    ConsentError,
    Launch,
    States,
    answer_launch,
    consent_url,
    read_callback,
    read_launch,
)
from entrepot_amazon_sp.authorization.appstore import AMAZON_HOSTS
from entrepot_amazon_sp.places import PLACES

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CALLBACK = "https://app.example/amazon/callback"
APPLICATION = "amzn1.sp.solution.11111111-2222-3333-4444-555555555555"


class Hand:
    """A clock that is set by hand."""

    def __init__(self):
        self.time = NOW

    def now(self):
        return self.time


def numbered():
    numbers = iter(range(10_000))
    return lambda: f"state-{next(numbers)}"


def states(clock=None):
    return States(clock or Hand(), new=numbered())


def callback(**values):
    return f"{CALLBACK}?{urlencode(values)}"


def good(state, **changes):
    return callback(**{"state": state, "selling_partner_id": "A2SELLER", "spapi_oauth_code": "the-code"} | changes)


@pytest.mark.parametrize(
    ("code", "host"),
    [
        ("US", "sellercentral.amazon.com"),
        ("DE", "sellercentral-europe.amazon.com"),
        ("JP", "sellercentral.amazon.co.jp"),
    ],
)
def test_the_browser_is_sent_to_the_seller_central_of_the_store(code, host):
    url = urlsplit(consent_url(PLACES[code].seller_central, APPLICATION, "s+1", redirect_uri=CALLBACK, draft=True))
    assert (url.scheme, url.netloc, url.path) == ("https", host, "/apps/authorize/consent")
    assert parse_qs(url.query) == {
        "application_id": [APPLICATION],
        "state": ["s+1"],
        "redirect_uri": [CALLBACK],
        "version": ["beta"],
    }


def test_a_published_application_with_one_address_names_neither():
    url = consent_url(PLACES["DE"].seller_central, APPLICATION, "s")
    assert parse_qs(urlsplit(url).query) == {"application_id": [APPLICATION], "state": ["s"]}


def test_a_consent_is_read_and_its_code_does_not_show_itself():
    """Covers P9."""
    open_ = states()
    consent = read_callback(good(open_.begin("eu")), open_, "eu", seller_id="A2SELLER")
    assert (consent.seller_id, consent.code.reveal()) == ("A2SELLER", "the-code")
    assert consent.code_until == NOW + timedelta(minutes=5)
    assert "the-code" not in repr(consent)
    assert PAGE_HEADERS["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"error": "access_denied"}, r"^eu: the seller did not consent \(access_denied\)\. Next: begin"),
        ({"error": "<script>"}, r"Amazon refused the consent \(an unreadable word\)\. Next: "),
        ({"selling_partner_id": ""}, r"^eu: Amazon's callback lacks selling_partner_id\. Next: "),
        ({"spapi_oauth_code": ""}, r"^eu: Amazon's callback lacks spapi_oauth_code\. Next: "),
        (
            {"selling_partner_id": "A9OTHER"},
            r"^eu: A9OTHER consented, and the account is of seller A2SELLER\. Next: sign",
        ),
    ],
)
def test_what_is_wrong_with_a_callback_is_named(values, words):
    open_ = states()
    with pytest.raises(ConsentError, match=words) as refused:
        read_callback(good(open_.begin("eu"), **values), open_, "eu", seller_id="A2SELLER")
    assert "the-code" not in str(refused.value)


def test_the_state_is_judged_before_anything_else():
    open_ = states()
    open_.begin("eu")
    with pytest.raises(ConsentError, match="may be forged"):
        read_callback(good("forged", error="access_denied"), open_, "eu", seller_id="A9OTHER")


def test_a_callback_that_says_something_twice_is_refused():
    open_ = states()
    url = good(open_.begin("eu"))
    with pytest.raises(ConsentError, match=r"says something twice.*Next: begin"):
        read_callback(f"{url}&spapi_oauth_code=another", open_, "eu")
    assert read_callback(url, open_, "eu").code.reveal() == "the-code"


def test_a_state_is_good_for_ten_minutes():
    clock = Hand()
    open_ = states(clock)
    early, late = open_.begin("early"), open_.begin("late")
    clock.time += timedelta(minutes=10) - timedelta(microseconds=1)
    open_.use("early", early)
    clock.time += timedelta(microseconds=1)
    with pytest.raises(ConsentError, match=r"^late: no authorization is open.*Next: begin the authorization anew"):
        open_.use("late", late)


def test_states_are_long_and_never_the_same():
    open_ = States(Hand())
    made = {open_.begin("eu") for _ in range(100)}
    assert len(made) == 100
    assert {len(state) for state in made} == {64}


def test_a_state_does_not_show_itself():
    """Covers P9."""
    open_ = states()
    assert open_.begin("eu") not in repr(open_)


OWNERS = st.sampled_from(["eu", "us", "session-3"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), OWNERS, st.none()),
        st.tuples(st.just("wait"), st.none(), st.integers(0, 900)),
        st.tuples(st.just("use"), OWNERS, st.integers(0, 8)),
    ),
    max_size=30,
)


@given(STEPS)
def test_a_state_is_taken_once_from_its_own_owner_while_it_is_young(steps):
    """Whatever is begun, waited for and tried in between; compared with a plain list of what was begun."""
    clock = Hand()
    open_ = states(clock)
    begun, valid = [], {}
    for step, owner, value in steps:
        if step == "begin":
            state = open_.begin(owner)
            begun.append(state)
            valid[owner] = (state, clock.now() + timedelta(minutes=10))
        elif step == "wait":
            clock.time += timedelta(seconds=value)
        else:
            tried = begun[value] if value < len(begun) else "guessed"
            allowed = owner in valid and valid[owner][0] == tried and clock.now() < valid[owner][1]
            if allowed:
                open_.use(owner, tried)
                del valid[owner]
            else:
                with pytest.raises(ConsentError):
                    open_.use(owner, tried)


# From the Appstore

LAUNCH = {
    "amazon_callback_uri": "https://sellercentral.amazon.com/apps/authorize/confirm/amzn1.sp.solution.1",
    "amazon_state": "MTU+1/=&x",
    "selling_partner_id": "A2SELLER",
}


def launched(**changes):
    return f"https://app.example/login?{urlencode(LAUNCH | changes)}"


@pytest.mark.parametrize("version", [{}, {"version": "beta"}])
def test_the_browser_goes_back_to_amazon_with_amazons_state_unchanged(version):
    launch = read_launch(launched(**version))
    assert launch.seller_id == "A2SELLER"
    url = urlsplit(answer_launch(launch, "ours", redirect_uri=CALLBACK))
    assert url.geturl().startswith(LAUNCH["amazon_callback_uri"] + "?")
    told = {"amazon_state": "MTU+1/=&x", "state": "ours", "redirect_uri": CALLBACK} | version
    assert parse_qs(url.query) == {name: [value] for name, value in told.items()}


def test_a_query_of_amazons_own_is_kept():
    launch = read_launch(launched(amazon_callback_uri="https://amazon.com/confirm?x=1"))
    assert answer_launch(launch, "ours").startswith("https://amazon.com/confirm?x=1&amazon_state=")


@pytest.mark.parametrize(
    "uri",
    [
        "http://sellercentral.amazon.com/x",
        "https://sellercentral.amazon.com.evil.example/x",
        "https://evil-amazon.com/x",
        "https://evil.example/sellercentral.amazon.com",
        "https://sellercentral.amazon.com@evil.example/x",
        "https://user@sellercentral.amazon.com/x",
        "https://sellercentral.amazon.com:8443/x",
        "https://evil.example\\@sellercentral.amazon.com/x",
        "https://evil.example#@sellercentral.amazon.com/x",
        "https://sellercentral.amazon.com\t.evil.example/x",
        "https:/\\evil.example",
        "https:///sellercentral.amazon.com/x",
        "//sellercentral.amazon.com/x",
        "/apps/authorize/confirm/amzn1.sp.solution.1",
        "javascript://sellercentral.amazon.com/%0aalert(1)",
        "https://sellercentral.amazon.com。evil.example/x",
        "",
    ],
)
def test_the_browser_is_sent_to_amazon_only(uri):
    with pytest.raises(
        ConsentError, match=r"^Seller A2SELLER: amazon_callback_uri is no address of Amazon's.*Next: open"
    ):
        read_launch(launched(amazon_callback_uri=uri))
    with pytest.raises(ConsentError, match=r"no address of Amazon's.*Next: "):
        answer_launch(Launch(uri, "theirs", "A2SELLER", draft=False), "ours")


PARTS = [
    "sellercentral.amazon.com",
    "amazon.de",
    "evil.example",
    "@",
    ":",
    ":443",
    "/",
    "\\",
    "?",
    "#",
    "\t",
    ".",
    "a",
    "%2f",
]


@given(st.lists(st.sampled_from(PARTS), max_size=6).map("".join))
@example("sellercentral.amazon.com/apps?x=1")
def test_no_text_leads_anywhere_but_to_amazon(text):
    """Two readers of URLs, ours and Python's, never disagree on where an accepted one leads."""
    try:
        launch = read_launch(launched(amazon_callback_uri=f"https://{text}"))
    except ConsentError:
        event("refused")
        return
    event("accepted")
    read = urlsplit(launch.callback_uri)
    assert read.hostname in AMAZON_HOSTS
    assert (read.port, read.username, read.fragment) == (None, None, "")
    assert "\\" not in text


@pytest.mark.parametrize("name", ["amazon_state", "selling_partner_id"])
def test_a_launch_that_lacks_something_is_refused(name):
    with pytest.raises(ConsentError, match="Next: open the application"):
        read_launch(launched(**{name: ""}))
    with pytest.raises(ConsentError, match="twice"):
        read_launch(launched() + f"&{name}=again")


def test_every_store_has_a_seller_central_among_the_hosts():
    for place in PLACES.values():
        scheme, _, host = place.seller_central.partition("://")
        assert scheme == "https"
        assert host in AMAZON_HOSTS
        assert host.startswith("sellercentral")
