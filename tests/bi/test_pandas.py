"""The lines of docs/bi.md for pandas: what they read, and as which types."""

import pandas
import pytest
from sqlalchemy import create_engine

from tests.support.database import rows
from warehouse.postgres.roles import Role

pytestmark = pytest.mark.bi


@pytest.fixture
def engine(installation):
    made = create_engine(installation.database.roles[Role.ANALYST], connect_args={"options": "-c timezone=UTC"})
    yield made
    made.dispose()


def test_days_are_dates_of_the_site_and_figures_are_numbers(installation, engine):
    days = pandas.read_sql("select * from marts.daily_stats where site_id = 'shop'", engine, parse_dates=["event_date"])
    counted = rows(installation.engine, "select sum(session_count) from marts.daily_stats where site_id = 'shop'")
    assert [(days["session_count"].sum(),)] == counted
    assert days["event_date"].dt.tz is None


def test_marts_are_the_roles_own_search_path_and_moments_come_in_utc(installation, engine):
    sessions = pandas.read_sql("select * from sessions", engine)
    assert [(len(sessions),)] == rows(installation.engine, "select count(*) from marts.sessions")
    assert str(sessions["started_at"].dt.tz) == "UTC"
