"""What the client on its own takes as settings: a secret is one, however it is given."""

import pytest

from entrepot.channel import Secret
from entrepot_amazon_sp import AmazonSettings, SellingPartner


def test_a_plain_text_becomes_a_secret_that_is_not_shown():
    """Covers P9."""
    settings = AmazonSettings("A2SELLER", "client-1", "of the client", refresh_token="of the seller")
    assert settings.client_secret == Secret("of the client")
    assert settings.refresh_token == Secret("of the seller")
    assert "of the" not in repr(settings)


@pytest.mark.parametrize("name", ["client_secret", "refresh_token", "previous_client_secret"])
def test_what_is_no_secret_is_named_by_its_field_and_not_shown(name):
    with pytest.raises(TypeError, match=rf"{name} is a Secret or a text, not bytes\. Next: Secret\(") as refused:
        AmazonSettings("A2SELLER", "client-1", **{"client_secret": "any", name: b"hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_client_secret_that_the_environment_lacks_is_named():
    with pytest.raises(TypeError, match="client_secret is a Secret or a text, not NoneType"):
        AmazonSettings("A2SELLER", "client-1", None)


def test_a_client_without_settings_is_refused():
    with pytest.raises(TypeError, match=r"settings are AmazonSettings, not NoneType\. Next: Ama"):
        SellingPartner(None, region="EU")
