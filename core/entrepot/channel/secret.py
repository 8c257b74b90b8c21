"""A value that must not be shown."""

from attrs import field, frozen


@frozen(repr=False)
class Secret:
    """Prints as `Secret(***)` wherever it turns up; `reveal()` at the one place that sends it."""

    _value: str = field()

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)
