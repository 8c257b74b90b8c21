"""`entrepot simulator` as its page tells a newcomer to use it, with what `init` writes."""

import asyncio
import re
import shlex
import tomllib
from pathlib import Path

import httpx
import pytest
import uvicorn
from click.testing import CliRunner

from connectors.amazon_sp.tests.authorization.test_callback_server import free_port
from entrepot.cli import main
from entrepot.simulation.doubles import serving
from entrepot_amazon_sp import AMAZON

PAGE = (Path(__file__).parents[4] / "docs" / "how-to" / "simulator.md").read_text("utf-8")
CURL = re.compile(r"\$\(curl (.*?)\| jq", re.DOTALL)
FORM = re.compile(r"-d (\w+)=([\w:-]+)")
RESTRICTED = {"method": "GET", "path": "/orders/v0/orders", "dataElements": ["buyerInfo"]}
ELSEWHERE = {"host": "host.docker.internal:8801"}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A folder in which the page's first command was typed."""
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"^entrepot (init .*)$", PAGE, re.MULTILINE)
    run(*shlex.split(command))
    return tmp_path


def run(*words):
    result = CliRunner().invoke(main, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def simulate(*options):
    return run("simulator", "amazon", "--port", str(free_port()), *options)


@pytest.fixture
def asked(monkeypatch):
    """What a client that knows the page gets, by name; and the address that is listened at."""
    told = {}

    async def serve(app, listener, beside):
        told["at"] = listener.getsockname()[0]
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        running = asyncio.create_task(server.serve([listener]))
        await beside()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            await ask(client, told)
        server.should_exit = True
        await running

    monkeypatch.setattr(serving, "serve", serve)
    return told


async def ask(client, told):
    seller, own, *_ = (dict(FORM.findall(form)) for form in CURL.findall(PAGE))
    told["own"] = await client.post("/auth/o2/token", data=own)
    told["token"] = await client.post("/auth/o2/token", data=seller, headers=ELSEWHERE)
    headers = {"x-amz-access-token": told["token"].json()["access_token"], **ELSEWHERE}
    told["stores"] = await client.get("/sellers/v1/marketplaceParticipations", headers=headers)
    wanted = {"restrictedResources": [RESTRICTED]}
    told["restricted"] = await client.post("/tokens/2021-03-01/restrictedDataToken", json=wanted, headers=headers)
    told["orders"] = (await client.get("/_simulator/orders")).json().values()


def test_what_the_page_says_is_let_in(shop, asked):
    printed = tomllib.loads(simulate().stdout)["accounts"]["amazon"]
    assert [asked[name].status_code for name in ("own", "token", "stores")] == [200, 200, 200]
    assert printed["settings"] == AMAZON.simulator_settings
    assert printed["marketplaces"] == ["DE", "NL"]
    assert all(text in PAGE.partition("## Clients by name")[2] for text in list(printed["settings"].values())[1:])


def test_a_secret_that_the_file_only_names_is_not_printed(shop, asked, monkeypatch):
    monkeypatch.setenv("CONSENT", "simulated-consent")
    file = shop / "plugins.toml"
    text = file.read_text().replace("# client_secret_created =", "client_secret_created = 2026-11-01")
    file.write_text(text.replace('"simulated-consent"', '"env:CONSENT"'))
    printed = simulate().stdout
    assert "settings.client_secret_created = 2026-11-01\n" in printed
    assert 'settings.refresh_token = "env:CONSENT"' in printed
    assert "simulated-consent" not in printed


def test_an_empty_catalog_is_told(shop, asked):
    assert "nothing_to_sell" not in simulate().stderr
    (shop / "skus.csv").write_text("sku,title\n")
    told = simulate().stderr
    assert "so no offer is shown. Next: write articles into the file that [skus] catalog names" in told


def test_it_listens_for_containers_where_it_is_told_to(shop, asked):
    simulate()
    assert asked["at"] == "127.0.0.1"
    told = simulate("--host", "0.0.0.0")  # noqa: S104 - what is tried
    assert asked["at"] == "0.0.0.0"  # noqa: S104 - as above
    assert tomllib.loads(told.stdout)["accounts"]["amazon"]["simulator"].startswith("http://127.0.0.1:")
    refused = CliRunner().invoke(main, ["simulator", "amazon", "--port", "8801", "--host", "192.0.2.1"])
    assert "port 8801 of 192.0.2.1 cannot be used: Cannot assign requested address" in refused.stderr


def test_the_merchant_ships_unless_the_client_does_and_the_end_is_logged(shop, asked):
    bought = ("--demand", "20", "--hours", "200", "--time-scale", "360000")
    simulate(*bought)
    shipped = [order["status"] for order in asked["orders"]]
    told = simulate(*bought, "--unshipped")
    assert "shipped" in shipped
    assert "shipped" not in [order["status"] for order in asked["orders"]]
    assert "buyers_done" in told.stderr
    assert "--unshipped" in told.stderr


def test_personal_data_is_told_to_who_has_the_role(shop, asked):
    simulate()
    assert "does not have access to one or more requested data elements" in asked["restricted"].text
    simulate("--granted", "BUYER,RECIPIENT", "--sellers", "2")
    assert asked["restricted"].status_code == 200


def test_a_role_that_there_is_not_is_refused(shop):
    refused = CliRunner().invoke(main, ["simulator", "amazon", "--port", "8801", "--granted", "BUYERS"])
    assert refused.exit_code == 2
    assert "there is no role BUYERS; nearest is BUYER" in refused.stderr
