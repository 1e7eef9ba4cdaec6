"""Every page as Chromium shows it: in both themes and three widths, without a barrier, with the figures of the marts."""

import re
from html import unescape

import pytest

from serving.page.navigation import PAGES
from tests.support.database import rows
from tests.support.ingestion.running_collector import wait_until
from tests.support.serving.page import cells
from tests.support.serving.tokens import new

pytestmark = pytest.mark.xdist_group("page")

NAMES = [page.name for page in PAGES]
DAYS = "from=2026-11-01&to=2026-11-03"


def address(client, name, query=DAYS):
    return f"{client.base_url}/sites/shop/{name}?{query}"


@pytest.mark.parametrize("width", [360, 1280, 2560])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_drawn_for_everyone(client, look, pictures, name, theme, width):
    look.at(address(client, name), width, theme)
    look.picture(pictures / f"{name}-{theme}-{width}.png")
    assert look.logged() == []
    assert [url[:80] for url in look.fetched() if not url.startswith((f"{client.base_url}/", "data:"))] == []
    plots, drawings = look.run(
        "[document.querySelectorAll('.plot').length, document.querySelectorAll('.plot[data-drawn] svg.marks').length]"
    )
    assert drawings == plots
    assert look.run("document.documentElement.scrollWidth <= innerWidth"), "wider than the window"
    assert look.barriers() == []


def test_the_overview_draws_all_its_charts_before_a_script_runs(html):
    text = html(f"/sites/shop/overview?{DAYS}")
    assert text.count('<div class="drawing" aria-hidden="true"><svg') == text.count('class="plot"') == 5


def test_its_figures_are_those_of_the_marts(installation, html):
    text = html(f"/sites/shop/overview?{DAYS}")
    days = rows(
        installation.engine,
        "select session_count, unique_users, new_users, engaged_sessions, visits from marts.daily_stats"
        " where site_id = 'shop' order by event_date",
    )
    assert [row[1:6] for row in cells(text, "days")] == [[str(figure) for figure in row] for row in days]
    channels = rows(
        installation.engine,
        "select channel, count(*) from marts.sessions where site_id = 'shop' and not is_bot group by 1 order by 2 desc, 1",
    )
    assert [row[:2] for row in cells(text, "channels")] == [[name, str(count)] for name, count in channels]
    values = re.findall(r'<dd class="value">(.*?)</dd>', text)
    assert values[:4] == ["8", "7", "12.5 %", "7"]


def test_a_click_on_a_bar_and_on_a_row_filters_the_page(client, look, html):
    look.at(address(client, "overview"))
    look.tab.click("#channels .drawing .mark-rect path")
    look.tab.wait(lambda: "channel=Direct" in look.run("location.href"))
    look.tab.wait(lambda: look.run("document.querySelector('.tile .value')?.textContent == '6'"))
    [link] = re.findall(r'<a href="([^"]+)">Email</a>', html(f"/sites/shop/overview?{DAYS}"))
    assert [row[:2] for row in cells(html(unescape(link)), "channels")] == [["Email", "1"]]


def test_the_theme_can_be_switched_and_stays(client, look):
    look.at(address(client, "overview"), theme="light")
    look.tab.click("#theme")
    look.at(address(client, "trust"), theme="light")
    assert look.run("getComputedStyle(document.documentElement).colorScheme") == "dark"
    look.run("localStorage.clear()")


def test_a_person_signs_in_and_out_and_lands_where_they_wanted(client, token):
    wanted = f"/sites/shop/overview?{DAYS}"
    asked = client.get(wanted)
    assert asked.status_code == 401
    assert f'value="{wanted.replace("&", "&amp;")}"' in asked.text
    own = {"Sec-Fetch-Site": "same-origin"}
    wrong = client.post("/sign-in", data={"token": "fft_no"}, headers=own)
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    right = client.post("/sign-in", data={"token": token, "following": wanted}, headers=own)
    assert (right.status_code, right.headers["location"]) == (303, wanted)
    kept = right.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=strict" in kept
    over_tls = client.post("/sign-in", data={"token": token}, headers=own | {"X-Forwarded-Proto": "https"})
    assert "secure" in over_tls.headers["set-cookie"].lower()
    away = client.post("/sign-in", data={"token": token, "following": "//elsewhere.example/"}, headers=own)
    assert away.headers["location"] == "/"
    assert "max-age=0" in client.post("/sign-out", headers=own).headers["set-cookie"].lower()
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}):
        assert client.post("/sign-in", data={"token": token}, headers=foreign).status_code == 403
    client.cookies.clear()


def test_a_site_that_the_token_does_not_read_is_not_there(html):
    for path in ("/sites/blog/overview", "/sites/none/overview", "/sites/shop/none"):
        assert "<h1>Not Found</h1>" in html(path, 404)
    assert "no such parameter" in html("/sites/shop/overview?chanel=Direct", 422)
    assert "blog" not in html("/")


def test_a_page_keeps_to_itself(client, html):
    policy = client.get("/").headers["content-security-policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy.split("; ")
    assert "unsafe" not in policy


def test_a_text_from_outside_does_not_act(html):
    """A filter is shown as it was written, and is no markup."""
    attack = "</script><img src=x onerror=alert(1)>"
    text = html("/sites/shop/overview?channel=" + "%3C/script%3E%3Cimg%20src=x%20onerror=alert(1)%3E")
    assert attack not in text
    assert "&lt;img src=x" in text


def test_numbers_are_downloaded_with_the_cookie(client, html, token):
    [link] = re.findall(r'href="(/v1/[^"]+channels[^"]+)"', html(f"/sites/shop/overview?{DAYS}"))
    found = client.get(unescape(link), headers={"Cookie": f"footfall={token}"})
    assert found.text.splitlines()[1].startswith("shop,Direct,6,75.00")


def test_what_an_audit_found_is_shown_to_who_sees_all_sites(installation, client, token):
    def found(path, token):
        return client.get(path, headers={"Cookie": f"footfall={token}"})

    ((audit,),) = rows(installation.engine, "select max(audit_id) from ops.audits")
    everyones = new(installation, "checks")
    wait_until(lambda: found("/checks/latest", everyones).status_code == 200)
    latest = found("/checks/latest", everyones)
    assert (latest.status_code, latest.content) == (200, found(f"/checks/{audit}", everyones).content)
    assert "Fit to publish" in latest.text
    assert "default-src 'none'" in latest.headers["Content-Security-Policy"]
    assert found("/checks/latest", token).status_code == 403, "its rows may be of any site"
    for number in (audit + 1, "..%2fchecks%2flatest", "%00", "٣"):
        assert found(f"/checks/{number}", everyones).status_code == 404, number
    signing_in = client.get("/checks/latest")
    assert (signing_in.status_code, 'value="/checks/latest"' in signing_in.text) == (401, True)
