"""Every store that there is, empty: what is asked of `store` here is the contract of all of them."""

import shutil

import pytest

from entrepot.store.sqlite import migrate
from tests.store.opened import done, open_inline


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    path = tmp_path_factory.mktemp("migrated") / "entrepot.db"
    migrate(path)
    return path


@pytest.fixture
def database(migrated, tmp_path):
    return shutil.copy(migrated, tmp_path / "entrepot.db")


@pytest.fixture(params=["sqlite"])
def store(request, database):
    opened = open_inline(database)
    yield opened
    opened.close()


@pytest.fixture
def write(store):
    return lambda work: done(store.write(work))


@pytest.fixture
def read(store):
    return lambda work: done(store.read(work))
