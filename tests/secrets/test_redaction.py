import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import Secret
from entrepot.secrets import MASK, SECRET_NAMES, Redactor

SECRETS = st.text(st.characters(codec="utf-8"), min_size=6, max_size=40)


def redactor_for(*values: str) -> Redactor:
    redactor = Redactor()
    for value in values:
        redactor.remember(Secret(value))
    return redactor


@given(SECRETS, st.text(), st.text())
def test_a_known_value_never_survives_in_any_notation(value, before, after):
    """Covers P9."""
    redactor = redactor_for(value)
    assert redactor.text(value) == MASK or value in MASK
    for shown in (value, json.dumps({"x": value}), repr({"x": value}), urlencode({"x": value})):
        assert value not in redactor.text(f"{before} {shown} {after}").replace(MASK, "")


def test_of_two_values_that_overlap_nothing_is_left():
    """Covers P9."""
    assert redactor_for("abcdef", "abcdefghi").text("x abcdefghi x abcdef") == f"x {MASK} x {MASK}"


def test_short_values_are_left_alone():
    assert redactor_for("abcde").text("abcde") == "abcde"


def test_a_forgotten_value_is_shown_again_once_nobody_else_needs_it():
    redactor = redactor_for("token-one", "token-one")
    redactor.forget(Secret("token-one"))
    assert redactor.text("token-one") == MASK
    redactor.forget(Secret("token-one"))
    assert redactor.text("token-one") == "token-one"
    redactor.forget(Secret("never known"))


@pytest.mark.parametrize("name", sorted(SECRET_NAMES))
@pytest.mark.parametrize(
    "text",
    [
        "{name}: zyxw9876",
        "{name}=zyxw9876&page=2",
        '{{"{name}": "zyxw9876", "page": 2}}',
        "{{'{name}': 'zyxw9876'}}",
        '"{{\\"{name}\\": \\"zyxw9876\\"}}"',
        "{name}: Bearer zyxw9876",
    ],
)
def test_the_value_of_a_secret_field_is_masked_unseen(name, text):
    """Covers P9."""
    for spelling in (name, name.upper(), name.replace("_", "-"), name.title()):
        shown = Redactor().text(text.format(name=spelling))
        assert "zyxw9876" not in shown
        assert ("page" in shown) == ("page" in text)


def test_a_bearer_token_in_prose_is_masked():
    """Covers P9."""
    assert Redactor().text("sent Bearer eyJhb.GciOi-J9 to it") == f"sent Bearer {MASK} to it"


def test_other_fields_stay():
    text = "nextToken=abc token_count: 4 tokens password_hint: none"
    assert Redactor().text(text) == text


def test_the_processor_masks_keys_values_and_nested_ones_and_keeps_plain_types():
    """Covers P9."""
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    event = {
        "event": "sent token-one",
        "Authorization": "anything",
        "count": 3,
        "at": moment,
        "headers": {"x-amz-access-token": "abc", "accept": "token-one"},
        "tried": ["token-one", 1],
        "error": ValueError("token-one"),
        "secret_value": Secret("token-one"),
    }
    assert redactor_for("token-one").redact(None, "info", event) == {
        "event": "sent ***",
        "Authorization": "***",
        "count": 3,
        "at": moment,
        "headers": {"x-amz-access-token": "***", "accept": "***"},
        "tried": ["***", 1],
        "error": "ValueError('***')",
        "secret_value": "Secret(***)",
    }


def test_a_traceback_is_masked_behind_format_exc_info():
    """Covers P9."""
    lines = []
    log = structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[
            structlog.processors.format_exc_info,
            redactor_for("token-one").redact,
            lambda _logger, _name, event: lines.append(str(event)) or (_ for _ in ()).throw(structlog.DropEvent),
        ],
    )
    try:
        int("refused token-one")
    except ValueError:
        log.exception("failed")
    assert "refused ***" in lines[0]
    assert "token-one" not in lines[0]
