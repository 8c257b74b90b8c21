"""A channel that exists only as facts."""

from datetime import timedelta

from attrs import field, frozen

from entrepot import channel


@frozen
class Partner:
    id: int
    key: channel.Secret


@frozen
class AcmeSettings:
    url: str = field()
    token: channel.Secret
    scopes: tuple[str, ...] = ()
    partner: Partner | None = None

    @url.validator
    def _http(self, _, url):
        if not url.startswith("http"):
            raise ValueError("url begins with http")


ACME = channel.ChannelType(
    id="acme",
    api="1.0",
    settings=AcmeSettings,
    connect=lambda settings, ports: None,
    maps={},
    revision={},
    pii_paths={},
    limits={"orders": channel.Limit(per_second=0.0056, burst=20), "other": channel.Limit(per_second=0.02, burst=5)},
    operations={
        "fetch_orders": channel.Reads(
            spends={"orders": 1, "other": 2},
            page_size=100,
            cursor_lifetime=None,
            settle_lag=timedelta(minutes=2),
            restatement_horizon=timedelta(days=30),
            history_horizon=timedelta(days=730),
        )
    },
    errors=channel.STANDARD_ERRORS,
    simulator=lambda config, clock, rng: None,
)

CHANNELS = {"acme": ACME}
