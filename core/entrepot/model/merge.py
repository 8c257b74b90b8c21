"""A newer document does not take away what it was not allowed, or not asked, to show."""

from attrs import evolve

from entrepot.model.order import UNTOLD, DataSet, DataSetState, Order, OrderLine

WITHHELD = frozenset({DataSetState.NOT_ASKED, DataSetState.ASKED, DataSetState.NOT_PERMITTED})

_ORDER_FIELDS = {
    DataSet.STATUS: ("status", "status_text", "fulfillment", "service_level", "ship_by", "deliver_by"),
    DataSet.MONEY: ("shipping", "other", "discount", "tax", "total"),
    DataSet.PACKAGES: ("packages",),
    DataSet.BUYER: ("buyer",),
    DataSet.RECIPIENT: ("recipient",),
}
_LINE_FIELDS = {
    DataSet.STATUS: ("shipped", "cancelled", "gift_wrap", "deliver_by"),
    DataSet.MONEY: ("gross", "tax", "discount"),
}


def keep_withheld(new: Order, stored: Order) -> Order:
    """`new`, with the stored values of every data set that it does not carry, and of a time of change.

    Its own states stay: they say why.
    """
    withheld = [part for part, state in new.data_sets.items() if state in WITHHELD]
    kept = {name: getattr(stored, name) for part in withheld for name in _ORDER_FIELDS.get(part, ())}
    if new.changed_at == UNTOLD:
        kept["changed_at"] = stored.changed_at
    of_lines = [name for part in withheld for name in _LINE_FIELDS.get(part, ())]
    if of_lines:
        kept["lines"] = tuple(_line(line, stored, of_lines) for line in new.lines)
    missed = {name: value for name, value in kept.items() if value != getattr(new, name)}
    return evolve(new, **missed) if missed else new


def _line(new: OrderLine, stored: Order, names: list[str]) -> OrderLine:
    old = next((line for line in stored.lines if line.external_id == new.external_id), None)
    return evolve(new, **{name: getattr(old, name) for name in names}) if old else new
