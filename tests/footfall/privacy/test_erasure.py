"""Nothing of an erased person is left anywhere, nothing of others is touched, and nothing comes back."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
import zstandard
from sqlalchemy import text

from footfall.pipeline import candidates, night
from footfall.pipeline.dbt import variables
from footfall.pipeline.installation import published_marts
from footfall.privacy import requests as privacy
from tests.support.balance import found_events, require_balance
from tests.support.database import declare, rows
from tests.support.events import Landing, event
from tests.support.installation import contents
from tests.support.people import (
    AGENT,
    DEVICE,
    MARK,
    PHONE,
    USER,
    found_in,
    left_open,
    marked,
    others,
    persons,
    refused,
    rejected,
    torn,
    unpacked,
)
from warehouse.access.sites import add_site
from warehouse.access.tokens import add_token
from warehouse.goals.funnels import Funnel, add_funnel
from warehouse.goals.goals import Goal, add_goal
from warehouse.goals.step import read_step
from warehouse.postgres.roles import Role
from warehouse.privacy.person import PersonError, Subject
from warehouse.privacy.visitor_hashes import visitor_hash
from warehouse.publication.declared_properties import DeclaredProperty
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune

QUIETLY = {"say": lambda line: None}
PERSON = Subject("shop", "user", USER)
SEEN = Goal("shop", "seen", read_step("/*"))
STAYED = Funnel("shop", "stayed", (SEEN.step, SEEN.step))
PLAN = DeclaredProperty("shop", "user_identified", "plan", "text", "")


def erase(installation, subject=PERSON):
    return privacy.carry_out(installation, privacy.request(installation, "erase", subject), **QUIETLY)


def count_views(installation):
    """A goal and a funnel of the site, of page views."""
    with installation.engine.begin() as connection:
        add_goal(connection, SEEN, variables())
        add_funnel(connection, STAYED, variables())


def test_nothing_of_the_person_is_left_at_any_step_and_others_are_as_if_they_had_never_been(
    installation, landing, anew
):
    """Acts: the person everywhere, an erasure, the same past without the person, the archive replayed."""
    with installation.engine.begin() as connection:
        add_site(connection, "blog")
    count_views(installation)
    blog = event("2026-11-02 09:00", DEVICE, user_id=USER, event_id="blog", page_url="https://blog.example/")
    waiting = [event(f"2026-11-04 1{n}:00", "stranger", event_id=f"waits {n}") for n in range(2)]
    landing.land(*persons()[:8], *others())
    landing.land(*persons()[8:], *rejected(), user_agent=AGENT)
    landing.land(*persons()[:2])  # Sent twice.
    landing.land(blog, site="blog")
    night.nightly(installation, **QUIETLY)
    archived = installation.settings.home.parent / "archive"
    shutil.copytree(installation.settings.landing / "loaded", archived)
    # A candidate that was not published, a failed check with its page, and an export.
    landing.land(marked("04 09:00", user_id=USER))
    night.load(installation)
    candidates.build(installation, night.next_slice(installation))
    candidates.check(installation)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(
            "update ops.check_results set passed = false, observed = '1 row', failing_rows ="
            f' \'[{{"page_path": "/{MARK}"}}]\' where check_result_id = (select max(check_result_id) from ops.check_results)'
        )
    (installation.settings.home / "checks" / "old.html").write_text(MARK)
    of_a_killed_build = installation.settings.spark / "build-killed" / "handed_over"
    of_a_killed_build.mkdir(parents=True)
    (of_a_killed_build / "000000.parquet").write_text(MARK)
    a_token_reads_contacts(installation)
    privacy.carry_out(installation, privacy.request(installation, "export", PERSON), **QUIETLY)
    # What is yet to be loaded, and what cannot be.
    landing.land(marked("04 10:00", user_id=USER), waiting[0])
    left_open(landing, marked("04 11:00", user_id=USER), waiting[1])
    refused(landing)
    torn(landing)

    receipt = erase(installation)

    assert left_of_person(installation) == []
    assert receipt.restatement == "done"
    assert receipt.unreadable == []
    assert rows(installation.engine, "select asked, user_id from ops.contact_reads") == [("/customers/{user}", None)]
    require_balance(installation.engine)
    marts = contents(installation)
    with anew({"shop": "UTC", "blog": "UTC"}, None) as never:
        count_views(never)
        zone = Landing(never.settings.landing)
        zone.land(*others(), *waiting, event("2026-11-03 14:00", "whole", event_id="whole"))
        zone.land(blog, site="blog")
        night.nightly(never, **QUIETLY)
        for mart, expected in contents(never).items():
            assert marts[mart] == expected, mart

    suppressed = rows(installation.engine, "select sum(suppressed_count) from ops.landed_files")
    for copy in archived.glob("*.zst"):
        # As they were archived, and once more by hand: under another name, without a manifest, with other bytes.
        for path in (copy, copy.with_name(f"{copy.name}.json")):
            shutil.copy(path, installation.settings.landing / "sealed")
        again = installation.settings.landing / "sealed" / f"again-{copy.name}"
        again.write_bytes(zstandard.compress(unpacked(copy) + b"\n"))
    report = night.load(installation)
    assert report.suppressed >= len(persons())
    assert (report.loaded, report.refused) == (0, [])
    night.nightly(installation, **QUIETLY)
    require_balance(installation.engine)
    assert left_of_person(installation) == []
    assert rows(installation.engine, "select sum(suppressed_count) from ops.landed_files") > suppressed
    assert contents(installation) == marts


def left_of_person(installation):
    """Where the mark is, except for the same id on another site, which is another person's."""
    assert rows(installation.engine, "select user_id from raw.events where site_id = 'blog'") == [(USER,)]
    return [line for line in found_in(installation) if not is_blogs(installation, line)]


def is_blogs(installation, line):
    """Statistics name no sites: other tests look at those."""
    path = installation.settings.home / line
    return (
        "blog" in line or line.startswith("statistics") or (path.suffix == ".zst" and b'"shop"' not in unpacked(path))
    )


def test_an_export_shows_in_each_place_what_an_erasure_counts_and_deletes(installation, landing):
    """Acts: a look, an export, an erasure."""
    with installation.engine.begin() as connection:
        declare(connection, PLAN)
    landing.land(*persons(), *rejected(), *others())
    night.nightly(installation, **QUIETLY)
    a_token_reads_contacts(installation)
    looked = {found.place: found.rows for found in privacy.look(installation, PERSON)}
    exported = privacy.carry_out(installation, privacy.request(installation, "export", PERSON), **QUIETLY)
    folder = installation.settings.home / "exports" / exported.folder
    document = json.loads((folder / "person.json").read_text())
    files = len(list(folder.iterdir()))
    before = counts(installation)
    erased = erase(installation).places
    assert looked.pop("exports") == 0
    assert erased.pop("exports") == files
    assert {place: len(found) for place, found in document["places"].items()} == exported.places == looked == erased
    assert looked["marts.sessions"] > 3
    assert looked["ops.contact_reads"] == 1
    assert looked["raw.rejects"] == len(rejected())
    after = counts(installation)
    raw = ("raw.events", "raw.rejects", "ops.contact_vault", "raw.lost_copies", "raw.user_agents")
    assert {place: before[place] - after[place] for place in raw} == {place: erased[place] for place in raw}
    for place in (place for place in looked if place.startswith("marts.") and place.count(".") == 1):
        assert before[place] > after[place], place


def a_token_reads_contacts(installation):
    with installation.engine.begin() as connection:
        token = add_token(connection, "reports", ["shop"], reads_contacts=True)
        connection.execute(
            text(
                "insert into ops.contact_reads (token_id, site_id, asked, user_id, row_count)"
                " values (:token, 'shop', '/customers/{user}', :user, 1)"
            ),
            {"token": token.token_id, "user": USER},
        )


def counts(installation):
    tables = rows(
        installation.engine,
        "select oid::regclass::text from pg_class where relkind in ('r', 'p') and not relispartition"
        " and relnamespace in ('raw'::regnamespace, 'marts'::regnamespace, 'ops'::regnamespace)",
    )
    return {table: rows(installation.engine, f"select count(*) from {table}")[0][0] for (table,) in tables}


@pytest.mark.parametrize(
    "kind", [None, *(pytest.param(kind, marks=pytest.mark.nights) for kind in ("anonymous", "signed_in"))]
)
def test_on_days_whose_raw_events_are_gone_figures_stay_and_what_only_the_person_said_goes(installation, landing, kind):
    """Acts: a night, a prune of the first day, of all people or of one kind, an erasure."""
    with installation.engine.begin() as connection:
        declare(connection, PLAN)
    count_views(installation)
    landing.land(*persons(), *others())
    night.nightly(installation, **QUIETLY)
    ((age,),) = rows(installation.engine, "select current_date - date '2026-11-03'")
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("update ops.retention_policies set keep_days = null")
        set_policy(connection, "raw_events", age, kind)
    prune(installation.engine_of(Role.RETENTION), installation.settings, published_marts(installation))
    of_the_day = rows(installation.engine, "select count(*) from raw.events where event_date = '2026-11-02'")
    assert (of_the_day > [(0,)]) == bool(kind)
    assert rows(installation.engine, "select event_date::text from ops.frozen_days") == [("2026-11-02",)]
    figures = "select session_count, unique_users, visits from marts.daily_stats where event_date = '2026-11-02'"
    of_others = (
        "select count(*) from marts.sessions where event_date = '2026-11-02' and visitor_id in ('tablet', 'stranger')"
    )
    reached = (
        "select g.conversion_count, f.reached from marts.daily_goals g join marts.daily_funnels f"
        " using (site_id, event_date) where event_date = '2026-11-02' order by 1, 2"
    )
    of_goals = rows(installation.engine, reached)
    assert of_goals
    paths = "select page_path, page_view_count from marts.daily_page_stats where event_date = '2026-11-02' order by 1"
    before = rows(installation.engine, figures), rows(installation.engine, of_others)
    assert (f"/{MARK}", 3) in rows(installation.engine, paths)
    plans = "select value, event_count from marts.daily_property_stats"
    assert rows(installation.engine, plans) == [(MARK, 1)]
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(f"delete from raw.visitor_hashes where strpos(visitor_id, '{MARK}') > 0")
        connection.exec_driver_sql("update marts.daily_visitor_sketches set threshold = 9223372036854775807")
    hashes_before, _ = sketched(installation)
    receipt = erase(installation)
    assert found_in(installation) == []
    hashes, thresholds = sketched(installation)
    key = installation.settings.visitor_key.read_bytes()
    own = {visitor_hash(key, "shop", visitor) for visitor in (DEVICE, PHONE, f"user:{USER}")}
    assert own < hashes_before
    assert hashes == hashes_before - own
    assert None not in thresholds
    assert (rows(installation.engine, figures), rows(installation.engine, of_others)) == before
    assert rows(installation.engine, paths) == [("/", 4)]
    assert rows(installation.engine, plans) == []
    assert rows(installation.engine, reached) == of_goals
    assert receipt.days_left == 0


def sketched(installation):
    """All hashes of visitors, and the thresholds of the first day, whose figures stay."""
    found = rows(
        installation.engine,
        "select event_date::text, least_hashes, threshold from marts.daily_visitor_sketches"
        " union all select period, least_hashes, threshold from marts.visitor_sketches",
    )
    assert all(hashes for _, hashes, _ in found), "a sketch of no one"
    return {each for _, hashes, _ in found for each in hashes}, {
        threshold for where, _, threshold in found if where == "2026-11-02"
    }


def test_who_is_readmitted_is_loaded_from_then_on_and_not_before(installation, landing):
    landing.land(*persons())
    erase(installation)
    now = datetime.now(UTC)
    landing.land(event(now, DEVICE, event_id="out"), event(now, "other", user_id=USER, event_id="out, too"))
    night.load(installation)
    assert found_events(installation.engine) == []
    privacy.carry_out(installation, privacy.request(installation, "readmit", PERSON), **QUIETLY)
    landing.land(event(now, DEVICE, event_id="before"), event(now + timedelta(hours=1), DEVICE, event_id="after"))
    night.load(installation)
    assert found_events(installation.engine) == ["after"]


def test_a_request_is_answered_once_and_its_trail_names_no_one(installation, landing):
    landing.land(*persons()[:3])
    asked = privacy.request(installation, "export", PERSON)
    assert privacy.request(installation, "export", PERSON) == asked
    receipt = privacy.carry_out(installation, asked, **QUIETLY)
    # Dagster's sensor may have seen the request that a command carries out: it gets the receipt, and is no failed run.
    assert privacy.carry_out(installation, asked, **QUIETLY) == receipt
    assert len(list((installation.settings.home / "exports").iterdir())) == 1
    with pytest.raises(PersonError, match="no request"):
        privacy.carry_out(installation, asked + 1, **QUIETLY)
    assert rows(installation.engine, "select action, state, done_at is not null from ops.privacy_requests") == [
        ("export", "done", True)
    ]
    assert rows(installation.engine, "select count(*) from raw.privacy_subjects") == [(0,)]
    assert MARK not in str(rows(installation.engine, "select r::text from ops.privacy_requests r"))


def test_a_refused_file_that_cannot_be_unpacked_is_named_until_it_is_repaired_or_gone(installation, landing):
    landing.land(*persons()[:3])
    refused(landing)
    night.load(installation)
    (segment,) = (installation.settings.landing / "refused").glob("*.zst")
    segment.write_bytes(segment.read_bytes()[:20] + b"\xff" * 20)
    with pytest.raises(PersonError, match=segment.name):
        erase(installation)
    assert rows(installation.engine, "select state from ops.privacy_requests") == [("incomplete",)]
    segment.unlink()
    erase(installation)
    assert rows(installation.engine, "select state from ops.privacy_requests") == [("done",)]
    assert found_in(installation) == []


def test_a_database_from_before_the_erasure_knows_the_files_that_were_rewritten_since(installation, landing):
    landing.land(*persons()[:3], event("2026-11-02 10:00", event_id="other"))
    erase(installation)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("truncate ops.rewritten_files, ops.suppressions")
    landed = installation.settings.landing
    for path in (landed / "loaded").iterdir():
        path.rename(landed / "sealed" / path.name)
    report = night.load(installation)
    assert (report.seen_before, report.files, report.refused) == (1, 0, [])
    assert found_events(installation.engine) == ["other"]
