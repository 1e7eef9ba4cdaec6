"""Nothing of an erased person is left anywhere, nothing of others is touched, and nothing comes back."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
import zstandard

from footfall.pipeline import night
from footfall.privacy import requests as privacy
from tests.balance import found_events, require_balance
from tests.conftest import Landing, contents, event, rows
from tests.people import (
    AGENT,
    DEVICE,
    MARK,
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
from warehouse.postgres.roles import Role
from warehouse.privacy.person import PersonError, Subject
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune

QUIETLY = {"say": lambda line: None}
PERSON = Subject("shop", "user", USER)


def erase(here, subject=PERSON):
    return privacy.carry_out(here, privacy.request(here, "erase", subject), **QUIETLY)


def test_nothing_of_the_person_is_left_at_any_station_and_others_are_as_if_they_had_never_been(here, landing, anew):
    with here.engine.begin() as connection:
        add_site(connection, "blog")
    blog = event("2026-11-02 09:00", DEVICE, user_id=USER, event_id="blog", page_url="https://blog.example/")
    waiting = [event(f"2026-11-04 1{n}:00", "stranger", event_id=f"waits {n}") for n in range(2)]
    landing.land(*persons()[:8], *others())
    landing.land(*persons()[8:], *rejected(), user_agent=AGENT)
    landing.land(*persons()[:2])  # Sent twice.
    landing.land(blog, site="blog")
    night.nightly(here, **QUIETLY)
    archived = here.settings.home.parent / "archive"
    shutil.copytree(here.settings.landing / "loaded", archived)
    # A candidate that nobody published, a failed check with its page, and an export.
    landing.land(marked("04 09:00", user_id=USER))
    night.load(here)
    night.build(here, night.next_slice(here))
    night.check(here)
    with here.engine.begin() as connection:
        connection.exec_driver_sql(
            "update ops.check_results set passed = false, observed = '1 row', failing_rows ="
            f' \'[{{"page_path": "/{MARK}"}}]\' where check_result_id = (select max(check_result_id) from ops.check_results)'
        )
    (here.settings.home / "checks" / "old.html").write_text(MARK)
    privacy.carry_out(here, privacy.request(here, "export", PERSON), **QUIETLY)
    # What is yet to be loaded, and what cannot be.
    landing.land(marked("04 10:00", user_id=USER), waiting[0])
    left_open(landing, marked("04 11:00", user_id=USER), waiting[1])
    refused(landing)
    torn(landing)

    receipt = erase(here)

    assert left_of_person(here) == []
    assert receipt["restatement"] == "done"
    assert receipt["unreadable"] == []
    require_balance(here.engine)
    marts = contents(here)
    with anew({"shop": "UTC", "blog": "UTC"}, None) as never:
        zone = Landing(never.settings.landing)
        zone.land(*others(), *waiting, event("2026-11-03 14:00", "whole", event_id="whole"))
        zone.land(blog, site="blog")
        night.nightly(never, **QUIETLY)
        for mart, expected in contents(never).items():
            assert marts[mart] == expected, mart

    suppressed = rows(here.engine, "select sum(suppressed_count) from ops.landed_files")
    for copy in archived.glob("*.zst"):
        # As they were archived, and once more by hand: under another name, without a manifest, with other bytes.
        for path in (copy, copy.with_name(f"{copy.name}.json")):
            shutil.copy(path, here.settings.landing / "sealed")
        again = here.settings.landing / "sealed" / f"again-{copy.name}"
        again.write_bytes(zstandard.compress(unpacked(copy) + b"\n"))
    report = night.load(here)
    assert report.suppressed >= len(persons())
    assert (report.loaded, report.refused) == (0, [])
    night.nightly(here, **QUIETLY)
    require_balance(here.engine)
    assert left_of_person(here) == []
    assert rows(here.engine, "select sum(suppressed_count) from ops.landed_files") > suppressed
    assert contents(here) == marts


def left_of_person(here):
    """Where the mark is, but for the same id on another site, which is somebody else's."""
    assert rows(here.engine, "select user_id from raw.events where site_id = 'blog'") == [(USER,)]
    return [line for line in found_in(here) if not is_blogs(here, line)]


def is_blogs(here, line):
    """Statistics tell no sites: other tests look at those."""
    path = here.settings.home / line
    return (
        "blog" in line or line.startswith("statistics") or (path.suffix == ".zst" and b'"shop"' not in unpacked(path))
    )


def test_an_export_shows_in_each_place_what_an_erasure_counts_and_deletes(here, landing):
    landing.land(*persons(), *rejected(), *others())
    night.nightly(here, **QUIETLY)
    looked = {found.place: found.rows for found in privacy.look(here, PERSON)}
    exported = privacy.carry_out(here, privacy.request(here, "export", PERSON), **QUIETLY)
    folder = here.settings.home / "exports" / exported["folder"]
    document = json.loads((folder / "person.json").read_text())
    files = len(list(folder.iterdir()))
    before = counts(here)
    erased = erase(here)["places"]
    assert looked.pop("exports") == 0
    assert erased.pop("exports") == files
    assert {place: len(found) for place, found in document["places"].items()} == exported["places"] == looked == erased
    assert looked["marts.sessions"] > 3
    assert looked["raw.rejects"] == len(rejected())
    after = counts(here)
    raw = ("raw.events", "raw.rejects", "ops.contact_vault", "raw.lost_copies", "raw.user_agents")
    assert {place: before[place] - after[place] for place in raw} == {place: erased[place] for place in raw}
    for place in (place for place in looked if place.startswith("marts.") and place.count(".") == 1):
        assert before[place] > after[place], place


def counts(here):
    tables = rows(
        here.engine,
        "select oid::regclass::text from pg_class where relkind in ('r', 'p') and not relispartition"
        " and relnamespace in ('raw'::regnamespace, 'marts'::regnamespace, 'ops'::regnamespace)",
    )
    return {table: rows(here.engine, f"select count(*) from {table}")[0][0] for (table,) in tables}


def test_on_days_whose_raw_events_are_gone_figures_stay_and_what_only_the_person_said_goes(here, landing):
    landing.land(*persons(), *others())
    night.nightly(here, **QUIETLY)
    ((age,),) = rows(here.engine, "select current_date - date '2026-11-03'")
    with here.engine.begin() as connection:
        connection.exec_driver_sql("update ops.retention_policies set keep_days = null")
        set_policy(connection, "raw_events", age)
    prune(here.engine_of(Role.RETENTION), here.settings)
    assert rows(here.engine, "select event_date::text from ops.sealed_days") == [("2026-11-02",)]
    figures = "select session_count, unique_users, visits from marts.daily_stats where stat_date = '2026-11-02'"
    of_others = (
        "select count(*) from marts.sessions where session_date = '2026-11-02' and visitor_id in ('tablet', 'stranger')"
    )
    paths = "select page_path, views from marts.daily_page_stats where stat_date = '2026-11-02' order by 1"
    before = rows(here.engine, figures), rows(here.engine, of_others)
    assert (f"/{MARK}", 3) in rows(here.engine, paths)
    receipt = erase(here)
    assert found_in(here) == []
    assert (rows(here.engine, figures), rows(here.engine, of_others)) == before
    assert rows(here.engine, paths) == [("/", 4)]
    assert receipt["days_left"] == 0


def test_who_is_readmitted_is_loaded_from_then_on_and_not_before(here, landing):
    landing.land(*persons())
    erase(here)
    now = datetime.now(UTC)
    landing.land(event(now, DEVICE, event_id="out"), event(now, "other", user_id=USER, event_id="out, too"))
    night.load(here)
    assert found_events(here.engine) == []
    privacy.carry_out(here, privacy.request(here, "readmit", PERSON), **QUIETLY)
    landing.land(event(now, DEVICE, event_id="before"), event(now + timedelta(hours=1), DEVICE, event_id="after"))
    night.load(here)
    assert found_events(here.engine) == ["after"]


def test_a_request_is_answered_once_and_its_trail_names_nobody(here, landing):
    landing.land(*persons()[:3])
    asked = privacy.request(here, "export", PERSON)
    assert privacy.request(here, "export", PERSON) == asked
    privacy.carry_out(here, asked, **QUIETLY)
    with pytest.raises(PersonError, match="done"):
        privacy.carry_out(here, asked, **QUIETLY)
    assert rows(here.engine, "select action, state, done_at is not null from ops.privacy_requests") == [
        ("export", "done", True)
    ]
    assert rows(here.engine, "select count(*) from raw.privacy_subjects") == [(0,)]
    assert MARK not in str(rows(here.engine, "select r::text from ops.privacy_requests r"))


def test_a_refused_file_that_cannot_be_unpacked_is_named_until_it_is_mended_or_gone(here, landing):
    landing.land(*persons()[:3])
    refused(landing)
    night.load(here)
    (segment,) = (here.settings.landing / "refused").glob("*.zst")
    segment.write_bytes(segment.read_bytes()[:20] + b"\xff" * 20)
    with pytest.raises(PersonError, match=segment.name):
        erase(here)
    assert rows(here.engine, "select state from ops.privacy_requests") == [("incomplete",)]
    segment.unlink()
    erase(here)
    assert rows(here.engine, "select state from ops.privacy_requests") == [("done",)]
    assert found_in(here) == []


def test_a_database_from_before_the_erasure_knows_the_files_that_were_rewritten_since(here, landing):
    landing.land(*persons()[:3], event("2026-11-02 10:00", event_id="other"))
    erase(here)
    with here.engine.begin() as connection:
        connection.exec_driver_sql("truncate ops.rewritten_files, ops.suppressions")
    landed = here.settings.landing
    for path in (landed / "loaded").iterdir():
        path.rename(landed / "sealed" / path.name)
    report = night.load(here)
    assert (report.seen_before, report.files, report.refused) == (1, 0, [])
    assert found_events(here.engine) == ["other"]
