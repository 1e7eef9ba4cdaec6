"""Options of the models that a site has for itself: what is refused, and which days a change marks."""

import re

import pytest

from footfall.pipeline import night
from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents
from warehouse.access.sites import SiteError, add_site
from warehouse.publication.site_options import OPTIONS, PROJECT_WIDE, change_options, own_options, read_options

MARKS = "select event_date::text, cause from ops.dirty_days order by 1"


def change(engine, site, *written, unset=()):
    with engine.begin() as connection:
        return change_options(connection, site, read_options(written), unset)


@pytest.mark.parametrize(
    ("written", "why"),
    {
        "unknown": ("timeout=45", "'timeout' is no option of a site; there are session_timeout_minutes, "),
        "the project's": ("commerce_events=x", "'commerce_events' is no option of a site"),
        "no value": ("top_n", "top_n: top_n takes a whole number from 1 to 1,000, as in top_n=VALUE"),
        "too small": ("session_timeout_minutes=0", "takes a whole number from 1 to 480"),
        "too great": ("engaged_scroll_percent=101", "takes a whole number from 0 to 100"),
        "a fraction": ("engaged_seconds=2.5", "takes a whole number from 0 to 3,600"),
        "negative": ("engaged_clicks=-1", "takes a whole number from 0 to 1,000"),
        "no flag": ("own_subdomains=perhaps", "takes true or false"),
        "no name": ("key_events=order placed", "takes names of events with commas between them"),
        "no currency": ("currency=Euro", "takes three letters, such as EUR"),
    }.values(),
)
def test_an_option_that_is_unknown_or_out_of_range_is_refused_with_what_it_takes(written, why):
    with pytest.raises(SiteError, match=re.escape(why)):
        read_options([written])


def test_options_are_read_set_and_unset_one_by_one(engine):
    with engine.begin() as connection:
        add_site(connection, "shop")
        assert own_options(connection, "shop") == {}
    change(engine, "shop", "key_events=review_posted, order_placed", "currency=eur", "own_subdomains=False")
    change(engine, "shop", "key_events=", "top_n=3", unset=["own_subdomains"])
    with engine.begin() as connection:
        assert own_options(connection, "shop") == {"key_events": [], "currency": "EUR", "top_n": 3}
        with pytest.raises(SiteError, match="no option of a site"):
            change_options(connection, "shop", {}, ["timeout"])
        with pytest.raises(SiteError, match="there is no site shpo"):
            change_options(connection, "shpo", {"top_n": 3})


@pytest.fixture
def published(anew):
    """Days of two sites; `shop` has one of its own, and one that is frozen."""
    with anew({"shop": "UTC", "blog": "UTC"}) as installation:
        landing = Landing(installation.settings.landing)
        landing.land(*(event(f"2026-11-0{day} {at}") for day in (2, 3, 4) for at in ("09:00", "09:40")))
        landing.land(event("2026-11-04 09:00"), event("2026-11-05 09:00"), site="blog")
        night.nightly(installation, say=lambda line: None)
        with installation.engine.begin() as connection:
            connection.exec_driver_sql(
                "insert into ops.frozen_days (event_date, reason) values ('2026-11-02', 'pruned')"
            )
        yield installation


def test_a_change_marks_the_sites_days_that_are_not_frozen_and_restates_them(published):
    """Acts: a timeout of its own, a night, the same once more, the default again, a night."""
    engine, before = published.engine, contents(published)
    assert change(engine, "shop", "session_timeout_minutes=45") == 2
    assert rows(engine, MARKS) == [("2026-11-03", "site_options"), ("2026-11-04", "site_options")]
    night.nightly(published, say=lambda line: None)
    assert rows(engine, "select site_id, event_date::text, session_count from marts.daily_stats order by 1, 2") == [
        ("blog", "2026-11-04", 1),
        ("blog", "2026-11-05", 1),
        *(("shop", f"2026-11-0{day}", count) for day, count in ((2, 2), (3, 1), (4, 1))),
    ]
    assert rows(engine, "select distinct site_id, causes from ops.restatements") == [("shop", ["site_options"])]
    assert change(engine, "shop", "session_timeout_minutes=45") is None
    assert rows(engine, MARKS) == []
    assert change(engine, "shop", unset=["session_timeout_minutes"]) == 2
    night.nightly(published, say=lambda line: None)
    assert contents(published) == before


def test_every_option_is_documented_with_its_default_and_what_it_takes():
    from footfall.pipeline.dbt import variables

    text = (PROJECT / "docs" / "settings.md").read_text()
    documented = {
        name: (default, takes)
        for name, default, takes in re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|", text, re.MULTILINE)
        if name in variables()
    }
    said = {
        name: ", ".join(value) if isinstance(value, list) else str(value).lower() for name, value in variables().items()
    }
    assert {name: default for name, (default, _) in documented.items()} == {name: said[name] or "–" for name in said}
    assert {name: takes for name, (_, takes) in documented.items() if name in OPTIONS} == {
        name: option.takes for name, option in OPTIONS.items()
    }
    assert documented.keys() - OPTIONS.keys() == set(PROJECT_WIDE)
