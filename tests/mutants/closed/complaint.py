"""A complaint, with the test and the mutant that answer for it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from attrs import frozen


@frozen
class Complaint:
    """`test` takes nothing but a `tmp_path`, if that; `mutant` takes a monkeypatch."""

    id: str
    test: Callable[..., Any]
    mutant: Callable[[pytest.MonkeyPatch], None]

    @property
    def function(self):
        return self.test.func if isinstance(self.test, partial) else self.test

    def __str__(self):
        return f"{self.id}-{self.function.__name__}-{self.mutant.__name__}"
