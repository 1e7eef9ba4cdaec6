"""A site with whose data a model cannot be built, or a check cannot be carried out, costs no other site its night."""

import pytest

from footfall.pipeline import dbt, holding, night
from footfall.pipeline.candidates import GateClosed
from footfall.pipeline.night import DaysHeldBack
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents, with_settings
from tests.support.marts.own_models import divided_by_views
from tests.support.nights import visits

SITES = dict.fromkeys(("alpha", "bad", "gamma"), "UTC")
BAD = '"site_id":"bad"'
QUIETLY = {"say": lambda line: None}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A mart of one's own that cannot be built of a session of 7 page views, nor checked with one of 9."""
    return divided_by_views(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def copies(past, models):
    def live(installation):
        land(installation, 9, *SITES)
        night.nightly(with_settings(installation, models_path=models), **QUIETLY)

    with past(SITES, live) as copies:
        yield copies


@pytest.fixture(scope="module")
def without(copies, models):
    """What is published of a night to which the bad site sends nothing."""
    with copies() as installation:
        land(installation, 10, "alpha", "gamma")
        night.nightly(with_settings(installation, models_path=models), **QUIETLY)
        return contents(installation)


@pytest.fixture
def three(copies, models):
    with copies() as installation:
        yield with_settings(installation, models_path=models)


def land(installation, day, *sites):
    for site in sites:
        Landing(installation.settings.landing).land(*visits(day), site=site)


def view(installation, day, *sites, pages=7, more=0):
    """A session with so many page views, on each of the sites."""
    for site in sites:
        views = [
            event(f"2026-11-{day} 18:{n:02}", "reader", event_id=f"{day} {n}", user_id="ann@example.com")
            for n in range(more, pages)
        ]
        Landing(installation.settings.landing).land(*views, site=site)


def of_sites(found, bad):
    """Rows of all marts, of the bad site or of all others."""
    return {mart: [row for row in rows if (BAD in row[0]) == bad] for mart, rows in found.items()}


def sessions(installation):
    """(site, day) → sessions, of days after the 9th."""
    query = "select site_id, event_date, session_count from marts.daily_stats where event_date > '2026-11-09'"
    return {(site, day.day): count for site, day, count in rows(installation.engine, query)}


def held(installation):
    return [(day.site_id, day.day.day, day.because_of is None) for day in holding.held_back(installation)]


@pytest.mark.nights
def test_a_site_that_breaks_a_model_is_held_with_the_reason_and_the_others_are_published_as_if_without_it(
    without, three
):
    """Acts: a night, the next one with nothing new, and one with another event of the held day."""
    land(three, 10, *SITES)
    view(three, 10, "bad")
    before, said = contents(three), []
    with pytest.raises(DaysHeldBack) as raised:
        night.nightly(three, say=said.append)
    assert str(raised.value) == (
        "site bad, 2026-11-10 is held back: model visits_divided: cannot be built: division by zero"
    )
    assert f"held back  {raised.value}" in said
    found = contents(three)
    assert of_sites(found, bad=False) == of_sites(without, bad=False)
    assert of_sites(found, bad=True) == of_sites(before, bad=True)
    with pytest.raises(DaysHeldBack):
        night.nightly(three, **QUIETLY)
    assert contents(three) == found
    view(three, 10, "bad", pages=8, more=7)
    night.nightly(three, **QUIETLY)
    assert held(three) == []
    assert of_sites(contents(three), bad=False) == of_sites(found, bad=False)
    assert sessions(three)["bad", 10] == 4


@pytest.mark.nights
def test_of_several_days_the_one_at_fault_is_held_and_those_that_share_a_session_with_it(three):
    for day in (10, 11, 12):
        land(three, day, "bad", "gamma")
    view(three, 11, "bad")
    owl = [event("2026-11-11 23:50", "owl"), event("2026-11-12 00:10", "owl")]
    Landing(three.settings.landing).land(*owl, site="bad")
    with pytest.raises(DaysHeldBack):
        night.nightly(three, **QUIETLY)
    assert held(three) == [("bad", 11, True), ("bad", 12, False)]
    assert sessions(three) == dict.fromkeys([("bad", 10), *(("gamma", day) for day in (10, 11, 12))], 3)


BROKEN_FUNCTION = """
create or replace function staging.url_decode(encoded text) returns text language plpgsql immutable strict
as $$ begin return case when encoded like 'odd%%' then repeat('x', 1 / (length(encoded) - length(encoded))) else encoded end; end $$
"""


@pytest.mark.nights
def test_where_no_sessions_can_be_built_all_days_of_the_site_wait_for_the_one_at_fault(three):
    for day in (10, 11):
        land(three, day, "bad", "gamma")
    odd = event("2026-11-11 18:00", page_url="https://bad.example/?utm_source=odd%2F")
    Landing(three.settings.landing).land(odd, site="bad")
    with three.engine.begin() as connection:
        connection.exec_driver_sql(BROKEN_FUNCTION)
    with pytest.raises(DaysHeldBack, match=r"cannot be built: division by zero"):
        night.nightly(three, **QUIETLY)
    assert held(three) == [("bad", 10, False), ("bad", 11, True)]
    assert sessions(three) == dict.fromkeys([("gamma", 10), ("gamma", 11)], 3)


CANCELLED_FUNCTION = """
create sequence staging.calls;
grant usage on sequence staging.calls to public;
create or replace function staging.url_decode(encoded text) returns text language plpgsql volatile strict
as $$ begin
    if encoded like 'odd%%' and nextval('staging.calls') <= {most} then
        raise exception 'stopped' using errcode = '57014';
    end if;
    return encoded;
end $$
"""


def land_what_is_cancelled(installation, most):
    """A day of one site whose statement is cancelled so many times."""
    odd = event("2026-11-10 18:00", page_url="https://bad.example/?utm_source=odd%2F")
    Landing(installation.settings.landing).land(odd, site="bad")
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(CANCELLED_FUNCTION.format(most=most))


@pytest.mark.nights
def test_a_site_whose_statement_is_cancelled_once_is_not_held_and_the_next_night_publishes_it(three):
    land_what_is_cancelled(three, most=1)
    with pytest.raises(dbt.BuildFailed, match="stopped"):
        night.nightly(three, **QUIETLY)
    assert held(three) == []
    assert night.nightly(three, **QUIETLY)
    assert sessions(three) == {("bad", 10): 1}


def test_a_site_whose_statement_is_cancelled_again_is_held(three):
    land_what_is_cancelled(three, most=1_000_000)
    with pytest.raises(DaysHeldBack, match=r"bad, 2026-11-10 is held back: model .*: cannot be built: stopped"):
        night.nightly(three, **QUIETLY)


@pytest.mark.nights
def test_a_check_that_cannot_be_carried_out_because_of_a_site_holds_that_site(without, three):
    land(three, 10, *SITES)
    view(three, 10, "bad", pages=9)
    reason = r"bad, 2026-11-10 is held back: visits_divided.is_divided: cannot be carried out: division by zero$"
    with pytest.raises(DaysHeldBack, match=reason):
        night.nightly(three, **QUIETLY)
    assert of_sites(contents(three), bad=False) == of_sites(without, bad=False)
    assert held(three) == [("bad", 10, True)]


@pytest.mark.nights
def test_a_model_that_fails_with_every_site_is_no_sites_fault(three):
    before = contents(three)
    land(three, 10, *SITES)
    view(three, 10, *SITES)
    with pytest.raises(dbt.BuildFailed, match="division by zero"):
        night.nightly(three, **QUIETLY)
    assert contents(three) == before
    assert held(three) == []


def test_a_site_that_is_built_alone_is_held_if_the_models_have_built_others(three):
    view(three, 10, "bad")
    with pytest.raises(DaysHeldBack, match="bad, 2026-11-10"):
        night.nightly(three, **QUIETLY)


@pytest.mark.nights
def test_a_held_day_is_tried_again_when_the_model_is_another(three, tmp_path):
    view(three, 10, "bad")
    with pytest.raises(DaysHeldBack):
        night.nightly(three, **QUIETLY)
    fixed = divided_by_views(tmp_path)
    query = fixed / "visits_divided.sql"
    query.write_text(query.read_text().replace("7 -", "70 -"))
    assert night.nightly(with_settings(three, models_path=fixed), **QUIETLY)
    assert sessions(three) == {("bad", 10): 1}


def test_the_only_site_of_an_installation_is_not_held_but_the_error_raised(anew, models):
    """Acts: the model fails, then the check."""
    with anew({"shop": "UTC"}) as installation:
        alone = with_settings(installation, models_path=models)
        view(alone, 10, "shop")
        with pytest.raises(dbt.BuildFailed, match=r"(?s)visits_divided.*division by zero"):
            night.nightly(alone, **QUIETLY)
        view(alone, 10, "shop", pages=9, more=7)
        with pytest.raises(GateClosed, match=r"is_divided: .*division by zero"):
            night.nightly(alone, **QUIETLY)
        assert holding.held_back(alone) == []
