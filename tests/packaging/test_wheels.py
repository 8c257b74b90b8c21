"""What is in the wheels."""

from pathlib import PurePath
from zipfile import ZipFile

import pytest

from tests.packaging.conftest import ROOT

pytestmark = pytest.mark.xdist_group("packaging")
DISTRIBUTIONS = ["entrepot", *(f"entrepot_{path.parent.name}" for path in ROOT.glob("connectors/*/pyproject.toml"))]


def files(wheel):
    with ZipFile(wheel) as archive:
        return [PurePath(name) for name in archive.namelist()]


def test_each_distribution_has_a_wheel(wheels):
    assert sorted(wheels) == sorted(DISTRIBUTIONS)
    assert len(DISTRIBUTIONS) > 1


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_types_are_shipped(wheels, distribution):
    assert PurePath(distribution, "py.typed") in files(wheels[distribution])


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_tests_are_not_shipped(wheels, distribution):
    shipped = files(wheels[distribution])
    assert {path.parts[0].partition("-")[0] for path in shipped} == {distribution}
    assert [path for path in shipped if "tests" in path.parts or path.name.startswith(("test_", "conftest"))] == []
    assert [path for path in shipped if path.suffix in {".db", ".pyc"}] == []


def test_the_core_ships_its_licence_and_migrations(wheels):
    names = [path.as_posix() for path in files(wheels["entrepot"])]
    sources = (ROOT / "core").rglob("migrations/*")
    shipped = [str(path.relative_to(ROOT / "core")) for path in sources if path.suffix in {".py", ".sql"}]
    assert shipped
    assert set(shipped) <= set(names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
