"""The pages beside the overview: their figures are those of the marts, and one leads to another."""

import re
from datetime import UTC, date, datetime
from html import unescape
from urllib.parse import quote

import pytest

from footfall.pipeline import night
from serving.alarms.pages import of_days, of_site
from serving.charts.bars import bars
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.serving.page import cells

pytestmark = pytest.mark.xdist_group("page")

DAYS = "from=2026-11-01&to=2026-11-03"


def links(text, card):
    section = re.search(rf'<section class="card" id="{card}".*?</section>', text, re.DOTALL)[0]
    return [unescape(link) for link in re.findall(r'<a href="([^"]+)">', section)]


def test_the_shop_shows_the_figures_of_the_marts(installation, html):
    text = html(f"/sites/shop/shop?{DAYS}")
    funnel = rows(
        installation.engine,
        "select step, sum(entered), sum(completed), sum(abandoned) from marts.daily_funnel where site_id = 'shop'"
        " group by step, step_number order by step_number",
    )
    shown = [(row[0], row[1], row[3], row[4]) for row in cells(text, "funnel")]
    assert shown == [(step, *map(str, figures)) for step, *figures in funnel] != []
    sold = rows(
        installation.engine,
        "select currency, sum(amount) from marts.orders where site_id = 'shop' and not is_bot group by event_date, currency"
        " order by event_date, currency",
    )
    assert [(row[1], float(row[2].replace(",", "")) if row[2] != "–" else None) for row in cells(text, "revenue")] == [
        (currency or "–", amount and float(amount)) for currency, amount in sold
    ]
    failed = rows(
        installation.engine, "select count(*) from marts.payment_errors where site_id = 'shop' and not is_bot"
    )
    assert len(cells(text, "payment_errors")) == failed[0][0] > 0
    begun = rows(installation.engine, "select count(*) from marts.checkouts where site_id = 'shop' and not is_bot")
    assert len(cells(text, "checkouts")) == begun[0][0] > 0


def test_two_rows_of_one_name_are_two_bars():
    rows = [{"name": "timeout", "value": value, "shown": f"{value} times"} for value in (4, 3)]
    drawn = re.findall(r'translate\([\d.]+,([\d.]+)\)"[^>]*>(\d) times<', bars(rows, "error", "errors").svg(300))
    (upper, most), (lower, least) = drawn
    assert (most, least) == ("4", "3")
    assert float(lower) - float(upper) > 10


def test_the_widget_shows_the_figures_of_the_marts(installation, html):
    days = rows(
        installation.engine,
        "select total_conversations, messages_sent, messages_received, widget_loads, widget_opens, error_count"
        " from marts.daily_stats where site_id = 'shop' order by event_date",
    )
    text = html(f"/sites/shop/widget?{DAYS}")
    assert [row[1:] for row in cells(text, "conversations")] == [[str(figure) for figure in row] for row in days] != []


def test_a_customer_leads_to_the_sessions_and_a_session_to_its_events(installation, html):
    text = html(f"/sites/shop/customers?{DAYS}")
    counted = rows(
        installation.engine,
        "select user_id, count(*) from marts.sessions where site_id = 'shop' and user_id is not null and not is_bot"
        " group by user_id",
    )
    assert {(row[0], row[1]) for row in cells(text, "customers")} >= {(user, str(count)) for user, count in counted}
    [ann] = [link for link in links(text, "customers") if "user=ann" in link]
    of_ann = html(ann)
    assert [row[0] for row in cells(of_ann, "customers")] == ["ann"]
    sessions = cells(of_ann, "sessions")
    assert len(sessions) == dict(counted)["ann"]
    events = cells(html(links(of_ann, "sessions")[0]), "found")
    assert {row[5] for row in events} == {sessions[0][6]}
    assert len(events) > 1


@pytest.mark.parametrize("sort", ["orders", "last_login"])
def test_customers_stand_in_the_order_that_is_chosen(html, sort):
    most = [row[0] for row in cells(html(f"/sites/shop/customers?{DAYS}&sort={sort}"), "customers")]
    least = [row[0] for row in cells(html(f"/sites/shop/customers?{DAYS}&sort={sort}&ascending=true"), "customers")]
    assert set(most) == set(least)
    assert most != least


def test_events_are_found_by_name_and_by_a_declared_property(installation, html):
    found = cells(html(f"/sites/shop/events?{DAYS}&name=checkout_started"), "found")
    assert [row[1] for row in found] == ["checkout_started"] * 2
    [(name, key, value)] = rows(
        installation.engine,
        "select event_name, property, value from marts.event_properties where site_id = 'shop'"
        " order by event_name, property, value limit 1",
    )
    count = "select count(*) from marts.event_properties where site_id = 'shop' and (event_name, property, value) = (:n, :k, :v)"
    asked = f"name={quote(name)}&property={quote(key)}&value={quote(value)}"
    text = html(f"/sites/shop/events?{DAYS}&{asked}")
    assert len(cells(text, "by_property")) == rows(installation.engine, count, n=name, k=key, v=value)[0][0] > 0
    assert 'id="found"' not in text
    assert "no such parameter" in html(f"/sites/shop/overview?{DAYS}&{asked}", 422)


def test_goals_and_funnels_show_the_figures_of_the_marts(installation, html):
    text = html(f"/sites/shop/conversions?{DAYS}")
    goals = rows(
        installation.engine,
        "select goal, sum(conversion_count), sum(session_count) from marts.daily_goals where site_id = 'shop'"
        " group by goal, currency order by 3 desc, 1",
    )
    assert [row[:3] for row in cells(text, "goals")] == [[goal, *map(str, found)] for goal, *found in goals] != []
    steps = rows(
        installation.engine,
        "select funnel, step, sum(reached) from marts.daily_funnels where site_id = 'shop'"
        " group by funnel, step_number, step order by funnel, step_number",
    )
    assert [tuple(row[:3]) for row in cells(text, "funnels")] == [(*names, str(found)) for *names, found in steps] != []
    [offer] = [link for link in links(text, "goal_channels") if "channel=Organic" in link]
    assert [row[0] for row in cells(html(offer), "goals")] == ["offer"]


def test_a_community_leads_to_its_days_and_a_conversion_to_the_customer(installation, html):
    text = html(f"/sites/shop/communities?{DAYS}")
    assert 'id="days"' not in text
    one = cells(text, "communities")[0][0]
    visits = rows(
        installation.engine,
        "select sum(visit_count) from marts.community_visits_daily where site_id = 'shop' and community_id = :one",
        one=one,
    )
    days = cells(html(f"/sites/shop/communities?{DAYS}&community={quote(one)}"), "days")
    assert sum(int(row[1]) for row in days) == visits[0][0] > 0
    conversions = html(f"/sites/shop/conversions?{DAYS}")
    converted = rows(installation.engine, "select count(*) from marts.conversions where site_id = 'shop'")
    assert len(cells(conversions, "conversions")) == converted[0][0] > 0
    assert 'id="sessions"' in html(links(conversions, "conversions")[0])


def test_each_page_that_an_alarm_names_is_there(html):
    for path in (
        *(of_site("shop", part) for part in ("live", "shop", "trust")),
        of_days("shop", *[date(2026, 11, 2)] * 2),
    ):
        assert "<h1>" in html(path)


def test_the_live_page_moves_by_itself(installation, client, look):
    look.at(f"{client.base_url}/sites/shop/live")
    look.tab.wait(lambda: "moves by itself" in look.run("document.getElementById('live').textContent"))
    before = look.run("performance.timeOrigin")
    now = datetime.now(UTC)
    seen = event(now, "<b>lea</b>", received_at=now, page_url="https://shop.example/here-and-now")
    Landing(installation.settings.landing).land(seen)
    night.load_waiting(installation)
    look.tab.wait(lambda: "/here-and-now" in look.run("document.querySelector('#events tbody').textContent"))
    look.tab.wait(lambda: "<b>lea</b>" in look.run("document.querySelector('#active_sessions tbody').textContent"))
    assert look.run("performance.timeOrigin") == before, "it was loaded again"
    assert look.logged() == []
    assert look.barriers() == []
