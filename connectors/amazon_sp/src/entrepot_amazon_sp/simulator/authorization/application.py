"""One application at Amazon: the client of Login with Amazon, and the secrets that prove it, two for a while."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from entrepot.channel import Json
from entrepot.runtime import Rng
from entrepot.simulation import Answer, Call, Market, route
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.simulator.notifications.register import Register
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, LwaRefusal
from entrepot_amazon_sp.simulator.shared_buckets import SharedBuckets
from entrepot_amazon_sp.simulator.times import instant

OVERLAP = timedelta(days=7)
"""An old secret goes on for so long after a rotation. From "Rotate your application's client secret"."""

SECRET_LIFETIME = timedelta(days=180)
NEVER = datetime.max.replace(tzinfo=UTC)

INVENTED_PREFIX = "simulated."
"""In front of credentials that the simulator makes: none can be taken for one of Amazon's."""

INVENTED = "amzn1.sellerapps.app.simulated"
"""In notifications, where the settings have no id of the application."""

NIBBLES = 64
NOT_ENROLLED = (
    "Application is not enrolled for rotation notification. "
    "Please update application notification preference in Developer console."
)


class Application:
    """What its sellers share; `settings` are of any of them.

    The secrets in the settings go on for ever, as nobody says when they were made.
    `new_secrets` is what Amazon has sent to the queue that its developer registered, oldest first: payloads of
    APPLICATION_OAUTH_CLIENT_NEW_SECRET. `enrolled` is False where no queue is registered.
    """

    def __init__(self, settings: AmazonSettings, rng: Rng, time_scale: int) -> None:
        self.id = settings.application_id
        self.client_id = settings.client_id
        self.redirect_uri = settings.redirect_uri
        self.enrolled = True
        self.buckets = SharedBuckets(time_scale)
        self.new_secrets: list[Json] = []
        given = (settings.client_secret, settings.previous_client_secret)
        self._ends = {secret.reveal(): NEVER for secret in given if secret is not None}
        self._registers: dict[str, Register] = {}
        self._rng = rng
        self._time_scale = time_scale

    def register(self, region: str) -> Register:
        """Where it wants to be told of what, in one region."""
        return self._registers.setdefault(region, Register(self.id or INVENTED))

    def take_secrets(self, *secrets: str) -> None:
        """From now on these are taken, and no other."""
        self._ends = dict.fromkeys(secrets, NEVER)

    def check(self, form: Mapping[str, str], now: datetime) -> None:
        """Raises LwaRefusal unless the form names this client and one of its living secrets."""
        end = self._ends.get(form["client_secret"])
        if form["client_id"] != self.client_id or end is None or now >= end:
            raise LwaRefusal(401, "invalid_client", "Client authentication failed")

    def rotate(self, now: datetime) -> None:
        """A further secret; those before it end soon. Refresh and access tokens live on."""
        old_end, new_end = now + OVERLAP / self._time_scale, now + SECRET_LIFETIME / self._time_scale
        self._ends = {secret: min(end, old_end) for secret, end in self._ends.items()}
        secret = f"{INVENTED_PREFIX}amzn1.oa2-cs.v1.{self._rng.randint(0, 16**NIBBLES - 1):0{NIBBLES}x}"
        self._ends[secret] = new_end
        told = {
            "clientId": self.client_id,
            "newClientSecret": secret,
            "newClientSecretExpiryTime": instant(new_end),
            "oldClientSecretExpiryTime": instant(old_end),
        }
        self.new_secrets.append({"applicationOAuthClientNewSecret": told})


class ApplicationManagement:
    """Application Management API 2023-11-30."""

    def __init__(self, application: Application, market: Market) -> None:
        self._application = application
        self._market = market

    @route("POST /applications/2023-11-30/clientSecret", spends="rotateApplicationClientSecret")
    def rotate_application_client_secret(self, call: Call) -> Json:
        if not self._application.enrolled:
            raise AmazonRefusal(400, NOT_ENROLLED, details=None)
        self._application.rotate(self._market.now())
        return Answer(204, b"")
