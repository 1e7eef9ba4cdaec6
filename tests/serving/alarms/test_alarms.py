"""Rules on real marts and views: what breaks each, and that it is raised once, resolved once, and sent."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from footfall.pipeline import night
from footfall.pipeline.installation import open_installation, published_marts
from serving.alarms.failure import report_failure
from serving.alarms.ledger import list_alarms
from serving.alarms.rules import RuleError, remove_rule, set_rule, silence
from serving.alarms.watch import look, watch
from serving.delivery.queue import send_next
from serving.delivery.receivers import receivers
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.ingestion.running_collector import wait_until
from tests.support.installation import with_settings
from tests.support.serving.outside import send_waiting
from warehouse.postgres.roles import Role
from warehouse.retention.prune import prune

# A password without TLS, on loopback.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

_DAY = """
insert into marts.daily_stats
select (jsonb_populate_record(m, jsonb_build_object(
    'site_id', cast(:site as text), 'event_date', cast(:day as text),
    'session_count', cast(:count as integer), 'unique_users', cast(:count as integer),
    'revenue', jsonb_build_object('EUR', 10 * cast(:count as integer))
))).*
from marts.daily_stats m
where (site_id, event_date) = (select site_id, min(event_date) from marts.daily_stats group by 1 order by 1 limit 1)
on conflict (site_id, event_date) do update
set session_count = excluded.session_count, unique_users = excluded.unique_users, revenue = excluded.revenue
"""
_SESSIONS = """
insert into marts.sessions
select (jsonb_populate_record(m, jsonb_build_object(
    'session_id', md5(n || cast(:started as text)), 'started_at', cast(:started as text),
    'event_date', left(:started, 10)
))).*
from marts.sessions m cross join generate_series(1, :count) n
where session_id = (select min(session_id) from marts.sessions)
"""


@pytest.fixture
def midday(today):
    """Midday of today, when yesterday is published."""
    return datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=12)


@pytest.fixture
def today(watched):
    ((found,),) = rows(watched.engine, "select current_date")
    return found


def write(installation, statement, **values):
    with installation.engine.begin() as connection:
        connection.execute(text(statement), values)


def day_of(installation, day, count, site="shop"):
    write(installation, _DAY, site=site, day=str(day), count=count)


def eight_weeks(installation, today, yesterday):
    """Sixty days of about a thousand sessions, and yesterday."""
    for age in range(60, 1, -1):
        day_of(installation, today - timedelta(days=age), 1000 + 37 * (age % 5))
    day_of(installation, today - timedelta(days=1), yesterday)
    write(installation, "delete from ops.dirty_days")


def raised(installation, rule=None):
    return [
        found
        for found in rows(
            installation.engine, "select rule, site_id, part, resolved_at is null from ops.alarms order by 1"
        )
        if rule in (None, found[0])
    ]


def test_a_halved_day_is_raised_once_with_its_numbers_and_resolved_once(watched, receiver, today, midday):
    eight_weeks(watched, today, 500)
    for _ in range(3):
        look(watched, midday)
        send_waiting(watched)
    assert raised(watched) == [
        ("revenue", "shop", "EUR", True),
        ("sessions", "shop", "", True),
        ("visitors", "shop", "", True),
    ]
    (posted,) = [body for body in receiver.got if body["rule"] == "sessions"]
    day = today - timedelta(days=1)
    assert posted["title"] == "Sessions of shop are unusual: -53%"
    assert f"shop had 500 sessions on {day:%A}, {day}." in posted["text"]
    assert "are usual" in posted["text"]
    assert posted["state"] == "raised"
    assert posted["site"] == "shop"
    assert posted["page"] == f"http://127.0.0.1:8040/sites/shop?from={day}&to={day}"
    assert len(receiver.got) == 3
    day_of(watched, day, 1040)
    for _ in range(3):
        look(watched, midday)
        send_waiting(watched)
    assert sorted(body["state"] for body in receiver.got) == ["raised"] * 3 + ["resolved"] * 3
    assert not any(is_open for *_, is_open in raised(watched))
    assert len({body["id"] for body in receiver.got}) == 6


def test_a_day_that_is_not_published_whole_leaves_alarms_as_they_are(watched, today, midday):
    eight_weeks(watched, today, 500)
    look(watched, midday)
    assert len(raised(watched)) == 3
    look(watched, midday + timedelta(days=1))
    assert all(is_open for *_, is_open in raised(watched))


def test_no_event_for_an_hour_is_an_alarm_where_there_usually_are_sessions_at_that_hour(watched, today):
    now = datetime.now(UTC)
    look(watched)
    assert raised(watched) == []
    for week in range(1, 9):
        write(watched, _SESSIONS, started=(now - timedelta(days=7 * week, minutes=30)).isoformat(), count=5 + week)
    look(watched)
    assert raised(watched) == []
    for week in range(1, 9):
        write(watched, _SESSIONS, started=(now - timedelta(days=7 * week, minutes=40)).isoformat(), count=4)
    look(watched)
    assert raised(watched) == [("no_events", "shop", "", True)]
    ((said,),) = rows(watched.engine, "select description from ops.alarms")
    assert "usually has 13 sessions" in said
    Landing(watched.settings.landing).land(event(now - timedelta(minutes=5)))
    night.load(watched)
    look(watched)
    assert raised(watched) == [("no_events", "shop", "", False)]


def test_many_failed_payments_of_15_minutes_are_an_alarm(watched):
    now = datetime.now(UTC)

    def pay(number, name, minutes=5):
        return event(now - timedelta(minutes=minutes), f"d{number}", name, properties={"checkout_id": f"c{number}"})

    landing = Landing(watched.settings.landing)
    landing.land(
        *(pay(number, "payment_failed") for number in range(4)), *(pay(n, "payment_failed", 30) for n in range(9))
    )
    night.load(watched)
    look(watched)
    assert raised(watched) == []
    landing.land(
        pay(11, "payment_failed"), *(pay(n, name) for n in (12, 13) for name in ("payment_succeeded", "order_placed"))
    )
    night.load(watched)
    look(watched)
    assert raised(watched) == [("failed_payments", "shop", "", True)]
    ((said,),) = rows(watched.engine, "select description from ops.alarms")
    assert said.startswith("5 of 7 payments of the last 15 minutes failed (71.4 %).")
    assert "d11" not in said


def test_a_great_share_of_rejects_is_an_alarm(watched):
    write(
        watched,
        "insert into raw.rejects (file_id, line_number, site_id, received_at, reason, payload)"
        " select 1, n, 'shop', now(), 'bad_field', '' from generate_series(1, 60) n",
    )
    Landing(watched.settings.landing).land(*(event(datetime.now(UTC) - timedelta(minutes=5)) for _ in range(40)))
    night.load(watched)
    look(watched)
    assert raised(watched) == [("rejects", "shop", "", True)]
    assert rows(watched.engine, "select description like '60 of 100 events%' from ops.alarms") == [(True,)]


def test_what_the_night_left_is_an_alarm_from_six_of_the_sites_own_day(watched, today):
    write(watched, "delete from ops.dirty_days")
    for site in ("shop", "blog"):
        write(
            watched,
            "insert into ops.dirty_days (site_id, event_date, cause, marked_at) values"
            " (:site, current_date - 2, 'events_loaded', current_date - interval '1 day 12 hours')",
            site=site,
        )
    midnight = datetime.combine(today, datetime.min.time(), UTC)
    look(watched, midnight + timedelta(hours=5, minutes=59))
    # In Tokyo it is 14:59.
    assert raised(watched) == [("not_published", "blog", "", True)]
    look(watched, midnight + timedelta(hours=6, minutes=1))
    assert [found[1] for found in raised(watched)] == ["blog", "shop"]
    write(watched, "delete from ops.dirty_days where site_id = 'shop'")
    look(watched, midnight + timedelta(hours=7))
    assert {(site, is_open) for _, site, _, is_open in raised(watched)} == {("blog", True), ("shop", False)}


def test_what_came_after_the_night_began_waits_without_an_alarm(watched, today):
    midnight = datetime.combine(today, datetime.min.time(), UTC)
    write(watched, "delete from ops.dirty_days")
    write(
        watched,
        "insert into ops.dirty_days (site_id, event_date, cause, marked_at)"
        " values ('shop', current_date - 1, 'events_loaded', current_date + interval '2 hours 1 minute')",
    )
    look(watched, midnight + timedelta(hours=9))
    assert raised(watched) == []


def test_a_silenced_alarm_is_sent_when_it_still_holds_after_the_silence(watched, receiver, today, midday):
    eight_weeks(watched, today, 500)
    with watched.engine.begin() as connection:
        silence(connection, "sessions", "shop", 8)
        silence(connection, None, "blog", 8)
    look(watched, midday)
    send_waiting(watched)
    assert sorted(body["rule"] for body in receiver.got) == ["revenue", "visitors"]
    write(watched, "update ops.alarm_silences set until = now()")
    look(watched, midday)
    send_waiting(watched)
    assert [body["rule"] for body in receiver.got[2:]] == ["sessions"]


def test_an_alarm_that_is_over_before_its_silence_is_never_sent(watched, receiver, today, midday):
    eight_weeks(watched, today, 500)
    with watched.engine.begin() as connection:
        silence(connection, None, None, 8)
    look(watched, midday)
    day_of(watched, today - timedelta(days=1), 1040)
    look(watched, midday)
    with watched.engine.begin() as connection:
        silence(connection, None, None, 0)
    look(watched, midday)
    send_waiting(watched)
    assert receiver.got == []
    assert len(raised(watched)) == 3


def test_a_rule_of_a_site_takes_the_place_of_the_one_of_every_site(watched, today, midday):
    eight_weeks(watched, today, 500)
    with watched.engine.begin() as connection:
        set_rule(connection, "sessions", "shop", Decimal(100), None)
        remove_rule(connection, "visitors", None)
        with pytest.raises(RuleError, match="there is no rule visitors of shop"):
            remove_rule(connection, "visitors", "shop")
        with pytest.raises(RuleError, match="there is no rule clicks; there are no_events"):
            set_rule(connection, "clicks", None, Decimal(1), None)
        with pytest.raises(RuleError, match="above 0 and up to 1"):
            set_rule(connection, "rejects", None, Decimal(2), None)
    look(watched, midday)
    assert [rule for rule, *_ in raised(watched)] == ["revenue"]


def test_a_rule_that_cannot_be_looked_at_leaves_the_others(watched, today, midday, caplog):
    eight_weeks(watched, today, 500)
    write(watched, "drop view live.arrivals")
    look(watched, midday)
    assert len(raised(watched)) == 3
    assert "rule no_events cannot be looked at" in caplog.text


def test_a_receiver_that_refuses_is_tried_again_after_longer_and_longer_and_its_address_is_logged_nowhere(
    watched, receiver, caplog
):
    caplog.set_level(logging.DEBUG, "footfall")
    receiver.status = 503
    report_failure(watched, "a night failed", "because")
    assert "a night failed: because" in caplog.text
    waits = []
    for _ in range(3):
        sent = send_next(watched.engine_of(Role.SERVING), "webhook", receivers(watched.settings)["webhook"])
        assert sent.problem == "it answered 503"
        assert send_next(watched.engine_of(Role.SERVING), "webhook", receivers(watched.settings)["webhook"]) is None
        waits += rows(watched.engine, "select round(extract(epoch from next_try_at - now())) from ops.deliveries")
        write(watched, "update ops.deliveries set next_try_at = now()")
    assert [round(float(wait) / 30) for (wait,) in waits] == [1, 2, 4]
    receiver.status = 200
    send_waiting(watched)
    assert len({body["id"] for body in receiver.got}) == 1
    assert receiver.got[-1]["state"] == "failed"
    assert rows(watched.engine, "select tries, problem, delivered_at is not null from ops.deliveries") == [
        (4, None, True)
    ]
    assert "secret-token" not in caplog.text


def test_what_nobody_takes_for_a_day_is_given_up(watched, receiver):
    report_failure(watched, "a night failed", "because")
    write(watched, "update ops.deliveries set made_at = now() - interval '25 hours'")
    send_waiting(watched)
    assert receiver.got == []


def test_without_a_database_a_failure_is_sent_at_once(watched, receiver):
    gone = replace(watched.settings, database_url="postgresql://footfall@127.0.0.1:1/none")
    with open_installation(gone) as installation:
        report_failure(installation, "a night failed", "because")
    assert receiver.titles() == ["a night failed"]
    assert receiver.got[0]["id"]


def test_a_receiver_that_hangs_delays_neither_the_rules_nor_another_receiver(watched, receiver, mailbox, today):
    box, url = mailbox
    receiver.answers.clear()
    both = with_settings(
        watched, smtp_url=url, mail_to="a@shop.example, b@shop.example", pages_url="https://seen.example/"
    )
    for _ in range(5):
        report_failure(both, "a night failed", "because")
    ended = threading.Event()
    watching = threading.Thread(target=watch, args=(both, ended))
    began = time.monotonic()
    watching.start()
    try:
        box.wait_for(5)
        assert time.monotonic() - began < 8
        assert len(receiver.got) == 1
        look(both)
    finally:
        ended.set()
        watching.join()
        receiver.answers.set()
        for thread in threading.enumerate():
            if thread.name in ("webhook", "mail"):
                thread.join()
    assert box.recipients[0] == ["a@shop.example", "b@shop.example"]
    assert box.mails[0]["Subject"] == "a night failed"
    assert box.mails[0]["Message-ID"].endswith("@footfall.invalid>")
    assert box.mails[0].get_content().strip() == "because"


def test_killed_between_sending_and_its_record_it_is_sent_again_with_the_same_id_and_raised_once(
    watched, receiver, today
):
    eight_weeks(watched, today, 500)
    with watched.engine.begin() as connection:
        for rule in ("revenue", "visitors", "no_events"):
            remove_rule(connection, rule, None)
    environment = os.environ | {
        "FOOTFALL_HOME": str(watched.settings.home),
        "FOOTFALL_DATABASE_URL": watched.database.administrator.render_as_string(hide_password=False),
        "FOOTFALL_WEBHOOK_URL": receiver.url,
    }

    def start(**more):
        return subprocess.Popen(
            [sys.executable, "-m", "serving.alarms"], env=environment | more, stderr=subprocess.PIPE
        )

    killed = start(FOOTFALL_FAIL_AT="delivery:sent")
    assert killed.wait(60) == -signal.SIGKILL
    killed.stderr.close()
    assert receiver.titles() == ["Sessions of shop are unusual: -53%"]
    write(watched, "update ops.deliveries set next_try_at = now()")
    again = start()
    wait_until(lambda: len(receiver.got) == 2)
    wait_until(lambda: rows(watched.engine, "select delivered_at is not null from ops.deliveries") == [(True,)])
    again.terminate()
    assert again.wait(30) == 0
    logged = again.stderr.read().decode()
    again.stderr.close()
    assert "secret-token" not in logged
    assert len({body["id"] for body in receiver.got}) == 1
    assert len(raised(watched)) == 1


def test_slack_is_posted_its_own_form(watched, receiver):
    from runtime.settings import WebhookForm

    slack = with_settings(watched, webhook_form=WebhookForm.SLACK)
    report_failure(slack, "a <night> failed", "A & B")
    send_waiting(slack)
    assert receiver.got == [{"text": "*a &lt;night&gt; failed*\nA &amp; B"}]


def test_a_mail_server_that_does_not_let_in_is_named_without_the_password(watched, mailbox):
    box, url = mailbox
    wrong = with_settings(
        watched, smtp_url=url.replace("a secret", "another"), mail_to="a@shop.example", webhook_url=None
    )
    report_failure(wrong, "a night failed", "because")
    send_next(wrong.engine_of(Role.SERVING), "mail", receivers(wrong.settings)["mail"])
    assert rows(watched.engine, "select problem from ops.deliveries") == [("the mail server answered 535",)]
    assert box.mails == []


def test_a_password_is_sent_to_no_other_machine_without_tls(watched, mailbox, monkeypatch):
    from serving.delivery import mail

    box, url = mailbox
    monkeypatch.setattr(mail, "_is_loopback", lambda host: False)
    asked = with_settings(watched, smtp_url=url, mail_to="a@shop.example", webhook_url=None)
    report_failure(asked, "a night failed", "because")
    send_next(asked.engine_of(Role.SERVING), "mail", receivers(asked.settings)["mail"])
    ((problem,),) = rows(watched.engine, "select problem from ops.deliveries")
    assert problem == "the mail server offers no TLS, and the password is not sent without"
    assert box.mails == []


def test_old_alarms_and_messages_go_and_open_ones_stay(watched, today, midday):
    eight_weeks(watched, today, 500)
    look(watched, midday)
    write(watched, "update ops.alarms set raised_at = now() - interval '2 years'")
    write(watched, "update ops.alarms set resolved_at = now() - interval '400 days' where rule = 'sessions'")
    write(
        watched, "update ops.deliveries set made_at = now() - interval '400 days' where message ->> 'rule' = 'revenue'"
    )
    pruned = {
        (found.relation, found.rows)
        for found in prune(watched.engine_of(Role.RETENTION), watched.settings, published_marts(watched))
    }
    assert {("ops.alarms", 1), ("ops.deliveries", 1)} <= pruned
    with watched.engine.connect() as connection:
        assert len(list_alarms(connection)) == 2


def test_an_alarm_names_no_person(watched, today, midday):
    """Its columns have no room for one, and its texts are made of sites, figures and times."""
    eight_weeks(watched, today, 500)
    look(watched, midday)
    ((kept,),) = rows(watched.engine, "select json_agg(d.message)::text from ops.deliveries d")
    for message in json.loads(kept):
        assert set(message) <= {"state", "title", "text", "rule", "site", "since", "page", "file"}
        assert "d1" not in message["title"] + message["text"]
