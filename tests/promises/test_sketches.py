"""Sketches count visitors as exactly as they promise: 400 days in `make proof`, beside the exact numbers.

The models build and merge them, a month at a time, from visits made here; hashes are those that the loader makes.
"""

from datetime import date, timedelta

import numpy as np
from sqlalchemy import text

from footfall.pipeline import candidates, dbt
from tests.support.database import let_be_partial
from warehouse.postgres.roles import Role
from warehouse.privacy.visitor_hashes import begin_hashes, read_key, store

FIRST = date(2025, 10, 6)
MODELS = ("daily_visitor_sketches", "replaced_visitor_periods", "visitor_sketches")
CHANNELS = ("Direct", "Email", "Organic Search")
PROMISED = 0.016
SPREAD = 1 / np.sqrt(16_383)
"""The promised standard error."""

_TABLES = """
create table visits (event_date date not null, visitor integer not null);
create table intermediate.replaced_days (site_id text, event_date date);
create view intermediate.int_merged_sessions as
select r.site_id, v.event_date, 'v' || v.visitor as visitor_id,
    (array['Direct', 'Email', 'Organic Search'])[1 + mod(v.visitor, 3)] as channel,
    cast(null as text) as device_type, cast(null as text) as country_code
from visits v join intermediate.replaced_days r using (event_date);
grant select on intermediate.replaced_days, intermediate.int_merged_sessions to footfall_transformer
"""
_PUBLISH = """
insert into marts.daily_stats (site_id, event_date) select * from intermediate.replaced_days on conflict do nothing;
delete from marts.daily_visitor_sketches m using intermediate.replaced_days r where m.event_date = r.event_date;
insert into marts.daily_visitor_sketches select * from audit.daily_visitor_sketches;
delete from marts.visitor_sketches m using intermediate.replaced_visitor_periods r
where m.period = r.period and m.first_day = r.first_day;
insert into marts.visitor_sketches select * from audit.visitor_sketches
"""


def test_sketches_are_as_exact_as_they_promise(installation, size):
    """Acts: visits, the months one after the other, ranges of days, and channels."""
    chance = np.random.default_rng(1)
    days, visitors, ranges = size((24, 5_000, 40), (400, 20_000, 200))
    came = visits(chance, days, visitors)
    first_again = before(came)
    candidates.prepare(installation)
    write(installation, came)
    for month in sorted({day.replace(day=1) for day in came}):
        build(installation, [day for day in came if day.replace(day=1) == month])
    errors = []
    for _ in range(ranges):
        first, last = sorted(chance.integers(0, days, 2))
        asked = FIRST + timedelta(days=int(first)), FIRST + timedelta(days=int(last))
        for dimension, part in (("all", None), ("channel", 0)):
            exact = counted(first_again, first, last, part)
            found, margin = between(installation, *asked, dimension, CHANNELS[part] if part is not None else "(all)")
            assert margin or found == exact, (asked, dimension, found, exact)
            errors.append(found / exact - 1)
    spread, estimated = np.std(errors), [error for error in errors if error]
    assert estimated
    print(
        f"\n{len(errors)} counts, {len(estimated)} estimated: mean {np.mean(errors):+.3%}, standard error {spread:.3%},"
        f" greatest {max(map(abs, errors)):.3%}, within 1.6 %: {np.mean(np.abs(errors) <= PROMISED):.1%}"
    )
    assert np.mean(np.abs(errors) <= PROMISED) >= 0.95
    assert max(map(abs, errors)) < 4 * SPREAD


def visits(chance, days, visitors) -> dict[date, np.ndarray]:
    """Day → its visitors: three of five are new, the others were new within the last four weeks."""
    fresh = visitors * 3 // 5
    return {
        FIRST + timedelta(days=n): np.unique(
            np.concatenate(
                [
                    np.arange(n * fresh, (n + 1) * fresh),
                    chance.integers(max(0, (n - 28) * fresh), max(n * fresh, 1), visitors - fresh),
                ]
            )
        )
        for n in range(days)
    }


def before(came) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each visit: the number of its day, of its visitor, and of the day of the visit before, or -1."""
    who = np.concatenate(list(came.values()))
    day = np.concatenate([np.full(len(found), n) for n, found in enumerate(came.values())])
    order = np.lexsort((day, who))
    who, day = who[order], day[order]
    earlier = np.where(np.concatenate([[False], who[1:] == who[:-1]]), np.roll(day, 1), -1)
    return day, who, earlier


def counted(first_again, first, last, part) -> int:
    """The visitors between two days: those visits are counted that are the first since the first day."""
    day, who, earlier = first_again
    counts = (day >= first) & (day <= last) & (earlier < first)
    return int(np.count_nonzero(counts if part is None else counts & (who % 3 == part)))


def write(installation, came):
    """Write the visits, and the hashes of their visitors as the loader does."""
    begin_hashes(installation.engine, installation.settings.visitor_key)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(_TABLES)
        let_be_partial(connection, "marts.daily_stats")
        key = read_key(connection, installation.settings.visitor_key)
        with connection.connection.driver_connection.cursor() as cursor:
            for day, found in came.items():
                with cursor.copy("copy visits from stdin") as copy:
                    copy.write("".join(f"{day}\t{visitor}\n" for visitor in found))
        for day, found in came.items():
            store(connection, key, {("shop", f"v{visitor}"): day for visitor in found})


def build(installation, days):
    """Build these days with the models, and publish them."""
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("truncate intermediate.replaced_days")
        connection.execute(
            text("insert into intermediate.replaced_days values ('shop', :day)"), [{"day": day} for day in days]
        )
        connection.exec_driver_sql("analyze visits, raw.visitor_hashes, intermediate.replaced_days")
    dbt.run(installation.settings, installation.database.roles[Role.TRANSFORMER], "run", "--select", *MODELS)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(_PUBLISH)


def between(installation, first, last, dimension, value) -> tuple[int, int]:
    """What the function answers: visitors and margin."""
    ask = "select visitor_count, margin from marts.visitors_between('shop', :first, :last, :dimension) where value = :value"
    given = {"first": first, "last": last, "dimension": dimension, "value": value}
    with installation.engine.connect() as connection:
        found, margin = connection.execute(text(ask), given).one()
    return found, margin
