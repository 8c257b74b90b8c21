"""The breaker of each account's operation, kept in the store: daemons share it, and it survives them."""

from datetime import datetime, timedelta

from entrepot.errors import ChannelError
from entrepot.http.breaker import Circuit, is_incident
from entrepot.model import AccountId
from entrepot.store import Tx
from entrepot.store.records import BreakerRow


def barred_until(tx: Tx, account: AccountId, operation: str, now: datetime) -> datetime | None:
    """None where a call may be made."""
    return load(tx, account, operation).barred_until(now)


def note_call(tx: Tx, account: AccountId, operation: str, deadline: datetime) -> None:
    """A call is on its way: where the breaker is open, it is the one that tries it."""
    circuit = load(tx, account, operation)
    if circuit.since is not None:
        save(tx, account, operation, circuit.tried(deadline))


def note_success(tx: Tx, account: AccountId, operation: str) -> None:
    circuit = load(tx, account, operation)
    if circuit != circuit.succeeded():
        save(tx, account, operation, circuit.succeeded())


def note_failure(
    tx: Tx, account: AccountId, operation: str, error: ChannelError, now: datetime, pause: timedelta, *, unchanged: bool
) -> Circuit:
    """Returns the circuit as it is then; what is no incident leaves it as it was. `pause`: until an open one is tried.

    `unchanged`: see `is_incident`.
    """
    circuit = load(tx, account, operation)
    if not is_incident(error, circuit, unchanged=unchanged):
        return circuit
    failed = circuit.failed(now, pause)
    save(tx, account, operation, failed)
    return failed


def load(tx: Tx, account: AccountId, name: str) -> Circuit:
    row = tx.breakers.find(account, name)
    return Circuit() if row is None else Circuit(row.worked, row.failures, row.since, row.probe_at)


def save(tx: Tx, account: AccountId, name: str, circuit: Circuit) -> None:
    tx.breakers.save(account, name, BreakerRow(circuit.worked, circuit.failures, circuit.since, circuit.probe_at))
