"""`new`: what it writes, and what it refuses."""

import tomllib

import pytest
from click.testing import CliRunner

from entrepot.cli import main
from entrepot.cli.new.scaffold import LONGEST


@pytest.fixture
def new(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*args, code=0):
        result = CliRunner().invoke(main, ["new", *args], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output

    return run


def written(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_folder_has_a_connectors_files(new, tmp_path):
    new("tiny_shop")
    assert written(tmp_path / "tiny_shop") == [
        "README.md",
        "pyproject.toml",
        *(f"src/entrepot_tiny_shop/{name}.py" for name in ("__init__", "connector", "facts", "mapping")),
        "src/entrepot_tiny_shop/py.typed",
        *(f"src/entrepot_tiny_shop/{name}.py" for name in ("shop", "wire")),
        "tests/test_tiny_shop.py",
    ]


def test_nothing_of_the_template_is_left(new, tmp_path):
    new("tiny_shop")
    texts = {path: (tmp_path / "tiny_shop" / path).read_text("utf-8") for path in written(tmp_path / "tiny_shop")}
    assert [path for path, text in texts.items() if "shopname" in text.lower() or "# if " in text] == []
    project = tomllib.loads(texts["pyproject.toml"])
    assert project["project"]["name"] == "entrepot-tiny-shop"
    assert project["project"]["dependencies"] == ["entrepot>=0.1,<0.2"]
    extras = project["project"]["optional-dependencies"].values()
    assert [one for (one,) in extras] == [f"entrepot[{name}]>=0.1,<0.2" for name in ("simulator", "testing")]
    assert project["project"]["entry-points"]["entrepot.plugins"] == {"tiny_shop": "entrepot_tiny_shop"}
    assert "class TinyShopConnector:" in texts["src/entrepot_tiny_shop/connector.py"]
    assert 'id="tiny_shop"' in texts["src/entrepot_tiny_shop/facts.py"]
    assert "https://tiny-shop.example" in texts["tests/test_tiny_shop.py"]


@pytest.mark.parametrize(
    ("name", "double"), [("shop", "Shop"), ("tiny_shop", "TinyShop"), ("teahouse", "TeahouseShop")]
)
def test_a_shop_is_not_called_one_twice(name, double, new, tmp_path):
    new(name)
    assert f"class {double}(ShopDouble):" in (tmp_path / name / "src" / f"entrepot_{name}" / "shop.py").read_text(
        "utf-8"
    )
    test = (tmp_path / name / "tests" / f"test_{name}.py").read_text("utf-8")
    assert f"import {double}\n" in test
    assert f", {double}\n" in test


def test_it_ends_with_what_comes_next(new):
    told = new("tiny_shop", "--into", "channels dir")
    assert "  pip install -e './channels dir/tiny_shop[testing]'\n  pytest 'channels dir/tiny_shop'\n" in told
    block = told.partition("[plugins]")[2].partition("\n\nStart")[0]
    lines = ["[plugins]", *(line.strip() for line in block.splitlines())]
    account = tomllib.loads("\n".join(lines))["accounts"]["tiny-shop-test"]
    assert (account["channel"], account["simulator"]) == ("tiny_shop", "http://127.0.0.1:8801")
    assert "entrepot simulator tiny-shop-test --port 8801" in told


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Tiny-Shop", "write tiny_shop"),
        ("TinyShop", "write tiny_shop"),
        ("tiny__shop", "write tiny_shop"),
        ("tiny shop", "write tiny_shop"),
        ("2nd_shop", "write shop"),
        ("../tiny", "write tiny"),
        ("café", "write caf"),
        ("42", "take another"),
        ("", "take another"),
        ("x", "take another"),
        ("a" * (LONGEST + 1), f"write {'a' * LONGEST}"),
    ],
)
def test_a_name_that_is_none_is_refused(name, hint, new, tmp_path):
    told = new("--", name, code=2)
    assert "is no name for a channel" in told
    assert hint in told
    assert written(tmp_path) == []


def test_a_name_that_an_installed_plugin_has_is_refused(new):
    told = new("mock_channel", code=2)
    assert "there is a plugin mock_channel already: entrepot-mock-channel brings it" in told


@pytest.mark.parametrize(
    ("capabilities", "told"),
    [
        ("orders,stok", "there is no capability stok; nearest is stock"),
        ("required", "there is no capability required"),
        ("bulk_stock", "Next: --capabilities stock,bulk_stock"),
        (",", "a channel without capabilities does nothing"),
    ],
)
def test_capabilities_that_make_no_channel_are_refused(capabilities, told, new, tmp_path):
    assert told in new("tiny_shop", "--capabilities", capabilities, code=2)
    assert written(tmp_path) == []


def test_nothing_is_overwritten(new, tmp_path):
    (tmp_path / "tiny_shop").mkdir()
    (tmp_path / "tiny_shop" / "mine.txt").write_text("mine")
    assert "tiny_shop exists; nothing is overwritten" in new("tiny_shop", code=2)
    assert written(tmp_path) == ["tiny_shop/mine.txt"]


def test_a_folder_that_cannot_be_made_is_refused(new, tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be written" in new("tiny_shop", "--into", "file/below", code=2)
