"""Nothing of an erased person is left anywhere, nothing of others is touched, and nothing comes back."""

import shutil

import zstandard

from footfall import night, privacy
from tests.balance import require_balance
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
from warehouse.person import Subject
from warehouse.sites import add_site

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
    return [line for line in found_in(here) if "blog" not in line and not is_blogs(here.settings.home / line)]


def is_blogs(path):
    return path.suffix == ".zst" and b'"shop"' not in unpacked(path)
