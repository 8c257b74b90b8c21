"""AWS Signature Version 4, as Amazon wanted it until October 2023. It ignores signatures since; off unless asked for.

Needs the extra `aws` (botocore), which is imported with the first signature.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from attrs import field, frozen

from entrepot.channel import AuthError, Secret, TransientError
from entrepot.runtime import Clock, SystemClock

MARGIN = timedelta(minutes=5)
"""Keys of a role are renewed so long before their end."""

SESSION = "entrepot"
"""What AWS's logs call us."""


@frozen
class AwsKeys:
    """Of an IAM user; or of a role, with a session token and an end."""

    access_key: str
    secret_key: Secret
    session_token: Secret | None = None
    ends: datetime | None = None


class KeySource(Protocol):
    async def current(self) -> AwsKeys:
        """Raises AuthError and TransientError."""
        ...


@frozen
class FixedKeys:
    keys: AwsKeys

    async def current(self) -> AwsKeys:
        return self.keys


class AssumedRole:
    """The keys of a role, from STS with a user's own keys; renewed five minutes before their hour is over.

    Tasks share the keys and the attempt to get some. `endpoint` None is AWS.
    """

    def __init__(
        self, own: AwsKeys, role_arn: str, region: str, *, endpoint: str | None = None, clock: Clock | None = None
    ) -> None:
        self._own = own
        self._role_arn = role_arn
        self._region = region
        self._endpoint = endpoint
        self._clock = clock or SystemClock()
        self._lock = asyncio.Lock()
        self._keys: AwsKeys | None = None

    async def current(self) -> AwsKeys:
        async with self._lock:
            known = self._keys
            if known is None or known.ends is None or self._clock.now() >= known.ends - MARGIN:
                known = self._keys = await asyncio.to_thread(self._assume)  # botocore blocks
            return known

    def _assume(self) -> AwsKeys:
        from botocore.config import Config  # noqa: PLC0415 - of the extra `aws`
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above
        from botocore.session import Session  # noqa: PLC0415 - as above

        sts = Session().create_client(
            "sts",
            self._region,
            endpoint_url=self._endpoint,
            aws_access_key_id=self._own.access_key,
            aws_secret_access_key=self._own.secret_key.reveal(),
            config=Config(connect_timeout=10, read_timeout=30, retries={"total_max_attempts": 2}),
        )
        try:
            told = sts.assume_role(RoleArn=self._role_arn, RoleSessionName=SESSION)["Credentials"]
        except ClientError as error:
            next_action = "compare the role's trust policy with the user whose keys these are"
            raise AuthError(f"STS does not lend the keys of {self._role_arn}: {error}. Next: {next_action}") from None
        except BotoCoreError as error:
            raise TransientError(f"STS gives no answer about {self._role_arn}: {error}") from None
        finally:
            sts.close()
        token = Secret(told["SessionToken"])
        return AwsKeys(told["AccessKeyId"], Secret(told["SecretAccessKey"]), token, told["Expiration"])


@frozen
class SigV4:
    """`region` is AWS's: us-east-1 for NA, eu-west-1 for EU, us-west-2 for FE.

    Signed are method, address, body, host, date and session token.
    """

    keys: KeySource
    region: str
    service: str = "execute-api"
    clock: Clock = field(factory=SystemClock)

    async def sign(self, method: str, url: str, body: bytes) -> Mapping[str, str]:
        """Raises AuthError and TransientError."""
        keys = await self.keys.current()
        headers = {"X-Amz-Date": self.clock.now().strftime("%Y%m%dT%H%M%SZ")}
        if keys.session_token is not None:
            headers["X-Amz-Security-Token"] = keys.session_token.reveal()
        return {**headers, "Authorization": self._authorization(keys, method, url, headers, body)}

    def _authorization(self, keys: AwsKeys, method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
        """By the steps of botocore's own `add_auth`, which would ask the machine's clock and log the token."""
        from botocore.auth import SigV4Auth  # noqa: PLC0415 - of the extra `aws`
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - as above
        from botocore.credentials import Credentials  # noqa: PLC0415 - as above

        auth = SigV4Auth(Credentials(keys.access_key, keys.secret_key.reveal()), self.service, self.region)
        request = AWSRequest(method, url, headers=dict(headers), data=body)
        request.context["timestamp"] = headers["X-Amz-Date"]
        signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        signed = auth.signed_headers(auth.headers_to_sign(request))
        return f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={signed}, Signature={signature}"
