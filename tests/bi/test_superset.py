"""Superset as `footfall superset up` runs it: each dashboard in a browser, each figure beside the marts."""

import json
import re
import subprocess
import sys
from datetime import date

import httpx
import pytest

from footfall.pipeline import night
from runtime.secrets import is_exposed
from tests.support.bi.board import Drawn, ask, open_board, outside, plain
from tests.support.bi.figures import FIGURES
from tests.support.bi.superset import environment, running, sign_in
from tests.support.browser.look import Look
from tests.support.database import rows
from tests.support.events import Landing
from tests.support.marts.history import happening
from warehouse.access.site_analysts import site_role

pytestmark = pytest.mark.bi
PICTURED = 1750
"""How much of a page is in a picture: more than a dashboard is high, less than the window."""
EVER = {"sites": ["shop", "blog"], "first": date(2000, 1, 1), "last": date(2100, 1, 1)}


def expected(installation, dashboard, title, chosen):
    found = rows(installation.engine, FIGURES[dashboard][title], **chosen)
    return [tuple(map(plain, row)) for row in found]


PIVOTED = {"Sessions by day and channel", "Revenue by day"}
"""Charts whose answers have a column for each value."""
FIRST_TEN = {"Landing pages", "Referrers", "Conversions by channel", "Failed payments by code"}
"""Charts that show the ten greatest; which of equals, is chance."""


def figures(title, drawn: Drawn):
    """The rows of a chart, one for each figure."""
    if title not in PIVOTED:
        return drawn.rows
    names = drawn.columns[1:]
    return [(row[0], name, value) for row in drawn.rows for name, value in zip(names, row[1:], strict=True)]


def known(found):
    """The rows in an order of their own, without those that say nothing: a pivot fills what is missing."""
    kept = [row for row in found if len(row) == 1 or any(isinstance(each, float) and each for each in row[1:])]
    return sorted(kept, key=repr)


def assert_equal(installation, dashboard, charts, chosen):
    assert set(charts) == set(FIGURES[dashboard])
    for title, drawn in charts.items():
        wanted = expected(installation, dashboard, title, chosen)
        if title in FIRST_TEN:
            greatest = sorted((row[1] for row in wanted), reverse=True)[:10]
            assert sorted((row[1] for row in drawn.rows), reverse=True) == greatest, title
            assert set(drawn.rows) <= set(wanted), title
            continue
        assert known(figures(title, drawn)) == known(wanted), title


@pytest.mark.parametrize("dashboard", ["overview", "acquisition", "shop"])
def test_each_figure_is_that_of_the_marts_and_no_page_asks_outside(installation, look, superset, dashboard, pictures):
    charts = open_board(look, superset.url, dashboard)
    assert_equal(installation, dashboard, charts, EVER)
    assert outside(look, superset.url) == []
    look.picture(pictures / f"{dashboard}.png", PICTURED)


def test_what_goes_on_now_is_that_of_the_live_views(installation, look, superset, pictures):
    Landing(installation.settings.landing).land(*happening())
    night.load(installation)
    charts = open_board(look, superset.url, "live")
    assert charts["Active sessions"].rows[0][0] >= 4
    assert_equal(installation, "live", charts, EVER)
    look.picture(pictures / "live.png", PICTURED)


@pytest.mark.parametrize("dashboard", ["overview", "acquisition", "shop"])
def test_filters_of_site_and_days_reach_every_chart(installation, look, superset, dashboard):
    chosen = {"sites": ["shop"], "first": date(2026, 11, 3), "last": date(2026, 11, 3)}
    assert_equal(installation, dashboard, open_board(look, superset.url, dashboard, _CHOSEN), chosen)


_CHOSEN = (
    "(NATIVE_FILTER-site:(extraFormData:(filters:!((col:site_id,op:IN,val:!(shop)))),filterState:(label:shop,"
    "value:!(shop)),id:NATIVE_FILTER-site,ownState:()),NATIVE_FILTER-days:(extraFormData:(time_range:'2026-11-03 :"
    " 2026-11-04'),filterState:(value:'2026-11-03 : 2026-11-04'),id:NATIVE_FILTER-days,ownState:()))"
)
"""The filters as the address of a dashboard holds them."""


def test_large_numbers_are_read_as_they_are(look, superset):
    for title, drawn in open_board(look, superset.url, "overview").items():
        if len(drawn.columns) == 1:
            ((value,),) = drawn.rows
            said = f"{value:.1%}" if title.endswith("rate") else f"{value:,.2f}".rstrip("0").rstrip(".")
            assert said in drawn.text, title


def test_lists_of_schemas_hold_what_analysts_read_and_no_candidates(look):
    (database,) = ask(look, "/api/v1/database/")["result"]
    assert sorted(ask(look, f"/api/v1/database/{database['id']}/schemas/")["result"]) == ["live", "marts"]


def test_its_secrets_are_its_owners_alone_and_its_policy_names_no_host(installation, superset):
    folder = installation.settings.home / "superset"
    assert not is_exposed(folder)
    assert not is_exposed(folder / "all" / "secret")
    policy = httpx.get(f"{superset.url}/login/").headers["content-security-policy"]
    assert not re.search(r"https?:|\*", policy), policy
    assert "default-src 'self'" in policy


def test_another_one_is_not_started_beside_it(installation, superset):
    done = _footfall(installation, "up")
    assert done.returncode == 1
    assert f"it runs already, pid {_pid(installation)}: see {superset.url}" in done.stderr


def test_the_bundle_is_imported_by_a_superset_that_is_there(installation, look, superset, tmp_path):
    file = tmp_path / "bundle.zip"
    assert _footfall(installation, "bundle", "--output", str(file)).returncode == 0
    with httpx.Client(base_url=superset.url) as client:
        given = {"username": "admin", "password": superset.password, "provider": "db", "refresh": False}
        token = client.post("/api/v1/security/login", json=given).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.headers["X-CSRFToken"] = client.get("/api/v1/security/csrf_token/").json()["result"]
        client.headers["Referer"] = superset.url
        passwords = {"databases/Footfall.yaml": "hush"}
        answer = client.post(
            "/api/v1/dashboard/import/",
            files={"formData": (file.name, file.read_bytes(), "application/zip")},
            data={"passwords": json.dumps(passwords), "overwrite": "true"},
            timeout=120,
        )
    assert answer.status_code == 200, answer.text


def test_a_sites_analyst_sees_its_rows_alone(installation, superset, browser):
    with running(installation, "--site", "blog") as of_blog:
        assert of_blog.url != superset.url
        look = Look(browser)
        sign_in(look, of_blog.url, of_blog.password)
        for dashboard in ("overview", "shop"):
            charts = open_board(look, of_blog.url, dashboard)
            assert_equal(installation, dashboard, charts, EVER | {"sites": ["blog"]})
        (database,) = ask(look, "/api/v1/database/")["result"]
        uri = ask(look, f"/api/v1/database/{database['id']}/connection")["result"]["sqlalchemy_uri"]
        assert f"//{site_role('blog')}:XXXXXXXXXX@" in uri
        assert "footfall_site_blog has a new password" in "".join(of_blog.said)
    with running(installation, "--site", "blog") as again:
        assert "new password:" not in "".join(again.said).replace("--new-password", "")


def _footfall(installation, *arguments):
    command = [sys.executable, "-m", "footfall", "superset", *arguments]
    return subprocess.run(
        command, env=environment(installation), capture_output=True, text=True, check=False, timeout=120
    )


def _pid(installation):
    return json.loads((installation.settings.home / "run" / "superset.json").read_text())["pid"]
