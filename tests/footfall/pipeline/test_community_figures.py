"""Anonymous visits to communities that are only counted, or pruned early: the figures are those of a warehouse that keeps
every row."""

from datetime import date

import pytest

from footfall.pipeline import night
from footfall.pipeline.installation import published_marts
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents
from warehouse.postgres.roles import Role
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune

pytestmark = pytest.mark.nights

QUIETLY = {"say": lambda line: None}
DAILY = "select * from marts.community_visits_daily order by site_id, event_date, community_id"
ANONYMOUS = "select event_id from marts.community_visits where user_id is null"


def visit(at, device, community="c", **fields):
    properties = {"community_id": community, "visitor_division_id": "n", "community_division_id": community}
    fields = {"event_id": f"{device} {at}"} | fields
    return event(f"2026-11-{at}", device, name="community_visited", properties=properties, **fields)


def view(at, device, **fields):
    return event(f"2026-11-{at}", device, event_id=f"view {device} {at}", **fields)


NIGHTS = (
    (
        *(visit(f"02 12:0{n}", f"d{n % 4}") for n in range(8)),
        *(visit(f"02 13:0{n}", f"u{n % 2}", user_id=f"user {n % 2}") for n in range(4)),
        visit("02 13:30", "crawler", user_agent="Googlebot/2.1 (+http://www.google.com/bot.html)"),
        *(visit("02 23:50", device) for device in ("owl", "bat")),
        visit("02 23:50", "moth", user_id="mia"),
    ),
    # Sessions over midnight: of the day before only their rows are replaced.
    (
        *(view("03 00:10", device) for device in ("owl", "moth")),
        visit("03 00:15", "bat", "other"),
        *(visit("03 12:00", f"d{n}") for n in range(3)),
    ),
    # Late on the day between, up to both of its borders.
    (visit("03 00:20", "owl"), view("03 23:45", "bat"), visit("04 00:05", "bat"), visit("04 09:00", "d1")),
    # A sign-up: what was visited before in that session is the customer's.
    (visit("04 23:55", "eve"), visit("05 00:05", "eve", user_id="eve"), view("05 00:20", "d1")),
)


def run(installation, *, after_each=lambda: None):
    for events in NIGHTS:
        Landing(installation.settings.landing).land(*events)
        night.nightly(installation, **QUIETLY)
        after_each()


@pytest.fixture(scope="module")
def wanted(anew):
    """The marts of a warehouse that keeps every row, and its daily figures."""
    with anew({"shop": "UTC"}, None) as other:
        run(other)
        assert len(rows(other.engine, ANONYMOUS)) > 15
        return contents(other), rows(other.engine, DAILY)


def keep(installation, days):
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("update ops.retention_policies set keep_days = null")
        set_policy(connection, "community_visits", days)


def keep_none(installation):
    keep(installation, 0)
    run(installation)


@pytest.fixture(scope="module")
def copies(past):
    with past({"shop": "UTC"}, keep_none) as copies:
        yield copies


@pytest.fixture
def without_rows(copies):
    """After the nights: no row was ever published."""
    with copies() as installation:
        yield installation


def prune_all(installation):
    prune(installation.engine_of(Role.RETENTION), installation.settings, published_marts(installation))


def assert_only_rows_are_missing(installation, wanted):
    """All figures are those of every row, and of the rows those of customers are there; after a rebuild, too."""
    kept, figures = wanted
    assert rows(installation.engine, ANONYMOUS) == []
    assert rows(installation.engine, DAILY) == figures
    found = contents(installation)
    signed_in = [row for row in kept["community_visits"] if '"user_id":null' not in row[0]]
    assert found.pop("community_visits") == signed_in
    assert found == {mart: kept[mart] for mart in found}
    assert len(signed_in) == 7
    # And again from the raw events, which are all there.
    night.rebuild(installation, **QUIETLY)
    prune_all(installation)
    assert contents(installation) == found | {"community_visits": signed_in}


def test_rows_that_are_never_published_change_no_figure(without_rows, wanted):
    assert_only_rows_are_missing(without_rows, wanted)


def test_rows_that_retention_takes_after_every_night_change_no_figure(installation, wanted):
    """They are kept for one day, and so go when that is over."""
    keep(installation, 1)
    run(installation, after_each=lambda: prune_all(installation))
    assert_only_rows_are_missing(installation, wanted)


def test_kept_again_rows_come_back_with_a_rebuild(without_rows, wanted):
    with without_rows.engine.begin() as connection:
        set_policy(connection, "community_visits", None)
    Landing(without_rows.settings.landing).land(view("06 12:00", "late"))
    night.nightly(without_rows, **QUIETLY)
    assert rows(without_rows.engine, DAILY) == wanted[1]
    night.rebuild(without_rows, **QUIETLY)
    assert contents(without_rows)["community_visits"] == wanted[0]["community_visits"]
    assert rows(without_rows.engine, "select max(event_date) from marts.daily_stats") == [(date(2026, 11, 6),)]
