"""`state`: the proof that a callback belongs to a consent that this session asked for."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import define, field, frozen

from entrepot.errors import AuthError
from entrepot.runtime import Clock, secret_bytes

LIFETIME = timedelta(minutes=10)
"""Amazon wants the whole of a consent done within it."""

AGAIN = "begin the authorization anew"


class ConsentError(AuthError):
    """A consent that was not given, or a callback that proves none. Nothing was stored."""


class StateError(ConsentError):
    """A callback that proves nothing. Whoever is waited for may still come."""


@frozen
class _Open:
    state: str
    until: datetime


def _new_state() -> str:
    return secret_bytes(32).hex()


@define
class States:
    """The open consents of one process, one for each owner: a user of a web application, or an account.

    Errors name the owner, so it is no cookie; that it is the one who is signed in, the application sees to.
    Each is good for one callback within ten minutes; a newer one of the same owner takes its place. A web application
    of several processes keeps a user with the process that began.
    """

    clock: Clock
    _new: Callable[[], str] = field(default=_new_state, alias="new", repr=False)
    _open: dict[str, _Open] = field(factory=dict, init=False, repr=False)

    def begin(self, owner: str) -> str:
        """The `state` to send along."""
        self._forget_expired()
        self._open.pop(owner, None)  # the newest stand last
        self._open[owner] = _Open(self._new(), self.clock.now() + LIFETIME)
        return self._open[owner].state

    def use(self, owner: str, state: str) -> None:
        """Raises StateError unless `state` is the one that was begun for `owner`; then it is used up.

        A wrong one leaves the right one open, or anybody could end an authorization.
        """
        self._forget_expired()
        begun = self._open.get(owner)
        if begun is None:
            raise StateError(
                f"{owner}: no authorization is open: it was used, never begun, or its ten minutes are over. "
                f"Next: {AGAIN}"
            )
        if not hmac.compare_digest(begun.state.encode(), state.encode()):
            raise StateError(
                f"{owner}: the state of the callback is not the one that was sent, so it may be forged. "
                f"Next: finish in the browser that began, or {AGAIN}"
            )
        del self._open[owner]

    def _forget_expired(self) -> None:
        now = self.clock.now()
        for owner in [owner for owner, begun in self._open.items() if begun.until <= now]:
            del self._open[owner]
