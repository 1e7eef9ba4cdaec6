"""With `include_today` an answer counts the open day, says as of when, and is never final."""

from datetime import UTC, datetime, timedelta

import pytest

from footfall.answers.questions import answer, parameters, today_as_of
from footfall.pipeline import night, today
from tests.support.events import Landing, event


@pytest.fixture(scope="module", autouse=True)
def built(installation):
    """The open day, on which Ann and a new customer came."""
    moment = datetime.now(UTC) - timedelta(minutes=2)
    landing = Landing(installation.settings.landing)
    landing.land(*(event(moment, user, "page_viewed", user_id=user) for user in ("ann", "new")))
    night.load(installation)
    today.build(installation)
    return today_as_of(installation)


def test_figures_with_the_open_day_are_those_of_the_terminal(installation, get, built):
    path = "shop/summary"
    published, with_today = get(path, days=0), get(path, days=0, include_today=True)
    columns, [row] = answer(installation, "summary", parameters({"site": "shop", "days": 0}), include_today=True)
    expected = dict(zip(columns, row, strict=True))["session_count"]
    assert published.json()["summary"]["total_sessions"] + 2 == expected
    assert with_today.json()["summary"]["total_sessions"] == expected
    assert datetime.fromisoformat(with_today.json()["as_of"]) == built
    assert with_today.json()["is_final"] is False
    assert published.headers["etag"] != with_today.headers["etag"]


@pytest.mark.parametrize("path", ["trends", "pages", "pages/daily", "journeys", "customers", "questions/summary"])
def test_every_answer_about_days_can_have_the_open_day(get, path):
    published, with_today = get(f"shop/{path}"), get(f"shop/{path}", include_today=True)
    assert with_today.status_code == 200, with_today.text
    assert with_today.json() != published.json()


def test_a_rolling_interval_has_who_came_since_the_night(get):
    def came(**query):
        return {each["user_id"] for each in get("shop/customers", interval="daily", **query).json()["customers"]}

    assert came() == set()
    assert came(include_today=True) == {"ann", "new"}


def test_a_token_of_one_user_sees_no_one_elses_open_day(get):
    found = get("shop/customers", "ann", interval="daily", include_today=True).json()["customers"]
    assert [each["user_id"] for each in found] == ["ann"]


def test_answers_about_other_moments_do_not_take_it(get):
    assert get("shop/live", include_today=True).json()["parameter"] == "include_today"
