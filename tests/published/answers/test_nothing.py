"""Answers without rows, and variables that do not fit: what a person is answered, and what fits instead."""

from datetime import date

import pytest

from footfall.answers.nothing import require_known_site, why_nothing
from footfall.answers.questions import QuestionError, parameters, require_taken
from footfall.pipeline import night
from footfall.stack.status import SITE, next_step_of, sites
from tests.support.events import Landing
from tests.support.marts.history import happening
from warehouse.postgres.roles import Role

pytestmark = pytest.mark.xdist_group("published")


def why(installation, **given):
    with installation.engine_of(Role.ANALYST).connect() as connection:
        return why_nothing(connection, parameters(given))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"rows": "abc"}, "rows takes a whole number from 1, not 'abc'"),
        ({"days": -1}, "days takes a whole number from 0, not -1"),
        ({"first": "yesterday"}, "first takes a day, 2026-11-30, not 'yesterday'"),
        ({"since": "2026-11-02T09:00:00"}, "since takes a moment with its zone, 2026-11-30T09:00:00Z"),
        ({"interval": "hourly"}, "interval takes all, daily, weekly or monthly, not 'hourly'"),
        ({"properties": "x"}, "properties takes an object of texts as JSON, not 'x'"),
        ({"row": "5"}, "there is no variable row; did you mean rows?"),
        ({"zzz": "5"}, "there is no variable zzz; there is site, days, "),
    ],
)
def test_a_wrong_variable_is_refused_with_the_right_one(given, reason):
    with pytest.raises(QuestionError) as refused:
        parameters(given)
    assert reason in str(refused.value)


def test_a_variable_that_a_question_does_not_take_is_refused(published):
    require_taken(published, "popular_pages", ["rows", "sort"])
    with pytest.raises(
        QuestionError, match=r"channels takes no sort; its variables are: channel, country, device, path"
    ):
        require_taken(published, "channels", ["sort"])


def test_a_site_that_is_not_there_is_refused_with_those_that_look_like_it(published):
    with published.engine_of(Role.ANALYST).connect() as connection:
        require_known_site(connection, "shop")
        require_known_site(connection, "")
        with pytest.raises(QuestionError, match=r"no such site: shpo; did you mean shop\?"):
            require_known_site(connection, "shpo")
        with pytest.raises(QuestionError, match=r"no such site: zzz; there is blog, shop\."):
            require_known_site(connection, "zzz")


def test_nothing_is_explained_by_other_days_and_filters(published):
    after = why(published, site="shop", first=date(2027, 1, 1))
    assert "no events of shop since 2027-01-01: the last published day is 2026-11-03" in after
    before = why(published, site="shop", last=date(2026, 1, 1))
    assert "no events of shop until 2026-01-01: the first published day is 2026-11-02" in before
    assert "only rows with channel=Email were asked for: ask without" in why(published, channel="Email", rows=5)
    assert "page 9 is after the last: ask with --var page=1" in why(published, page=9)


def test_nothing_is_explained_by_robots_and_by_days_that_wait(morning_after):
    with morning_after.engine.begin() as connection:
        connection.exec_driver_sql("update marts.sessions set is_bot = true where site_id = 'blog'")
        connection.exec_driver_sql("delete from marts.daily_stats where site_id = 'blog'")
        connection.exec_driver_sql(
            "insert into ops.dirty_days (site_id, event_date, cause) values ('blog', '2026-11-04', 'events_loaded')"
        )
    said = why(morning_after, site="blog")
    assert "1 session, a robot's: robots are left out" in said
    assert "1 days of blog wait for the night: footfall nightly" in said


def test_the_command_explains_and_refuses_without_a_traceback(command):
    nothing = command("ask", "summary", "--site", "shop", "--from", "2027-01-01")
    assert (nothing.returncode, "no rows\n  no events of shop since 2027-01-01" in nothing.stdout) == (0, True)
    assert command("ask", "summary", "--from", "2027-01-01", "--csv").stdout.count("\n") == 1
    for arguments, reason in (
        (("--site", "shpo"), "did you mean shop?"),
        (("--var", "rows=abc"), "rows takes a whole number from 1, not 'abc'"),
        (("--var", "rows"), "--var takes NAME=VALUE"),
        (("--var", "rows=5"), "summary takes no rows"),
    ):
        refused = command("ask", "summary", *arguments)
        assert (refused.returncode, reason in refused.stderr, refused.stdout) == (1, True, ""), refused.stderr
        assert "Traceback" not in refused.stderr
    assert "did you mean summary?" in command("ask", "sumary").stderr


def test_status_has_a_line_for_each_site(morning_after):
    Landing(morning_after.settings.landing).land(*happening())
    night.load(morning_after)
    found = {row[0]: dict(zip(SITE, row, strict=True)) for row in sites(morning_after)}
    assert set(found) == {"shop", "blog"}
    assert (found["shop"]["first_day"], found["shop"]["last_day"]) == (date(2026, 11, 2), date(2026, 11, 3))
    assert found["shop"]["events_in_hour"] > 0
    assert found["shop"]["last_event_at"]
    assert found["shop"]["waiting"] > 0
    assert found["blog"]["events_in_hour"] == 0
    assert next_step_of(morning_after) is None
