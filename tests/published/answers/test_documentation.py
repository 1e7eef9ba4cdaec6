"""The dbt documentation: one page, of what is published, that fetches nothing."""

import json
import re
import threading

import httpx
import pytest

from footfall.answers.documentation import server
from footfall.pipeline import dbt
from warehouse.postgres.roles import Role
from warehouse.tables.contracts import read_marts


@pytest.fixture(scope="session")
def page(published, command):
    """The page as the command writes it."""
    said = command("docs", "--no-serve")
    path = published.settings.home / "docs" / "index.html"
    assert str(path) in said.stdout, said.stdout + said.stderr
    return path


def artifact(published, name):
    return json.loads((dbt.target_path(published.settings, dbt.PUBLISHED) / name).read_text())


def test_its_marts_are_the_published_ones_with_all_their_columns(published, page):
    catalog = artifact(published, "catalog.json")["nodes"]
    for mart in read_marts(dbt.manifest(published.settings, published.database.roles[Role.TRANSFORMER])):
        reported = catalog[f"model.footfall.{mart.name}"]
        assert reported["metadata"]["schema"] == "marts"
        assert set(reported["columns"]) == set(mart.column_names)


def test_the_page_fetches_nothing_and_reports_to_no_one(published, page):
    head = page.read_text().split("<body", 1)[0]
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=.?(?:https?:)?//", head)
    assert artifact(published, "manifest.json")["metadata"]["send_anonymous_usage_stats"] is False


def test_every_model_and_exposure_is_described(published, page):
    manifest = artifact(published, "manifest.json")
    for node in [*manifest["nodes"].values(), *manifest["exposures"].values(), *manifest["sources"].values()]:
        if node["resource_type"] in ("model", "seed", "exposure"):
            assert node["description"].endswith("."), node["unique_id"]


def test_it_is_served_on_loopback(page):
    serving = server(page.parent, 0)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    host, port = serving.server_address
    try:
        assert host == "127.0.0.1"
        assert "<title>dbt Docs</title>" in httpx.get(f"http://{host}:{port}/").text
    finally:
        serving.shutdown()
        serving.server_close()
