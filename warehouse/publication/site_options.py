"""The options of the models that a site may have for itself: what each takes, and which a site has set.

Where a site has none, the variable of the same name in `dbt_project.yml` holds. Choosing between them is left to the
model `stg_site_options`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, text

from warehouse.access.sites import SiteError, require_site
from warehouse.publication.dirty_days import Cause, mark_found

Value = int | bool | str | list[str]


@dataclass(frozen=True)
class Option:
    """What an option takes, in words, and how it is read; reading gives None where it is something else."""

    takes: str
    read: Callable[[str], Value | None]


def _number(least: int, most: int) -> Option:
    return Option(f"a whole number from {least:,} to {most:,}", partial(_read_number, least, most))


def _read_number(least: int, most: int, written: str) -> int | None:
    number = int(written) if re.fullmatch("[0-9]{1,9}", written) else None
    return number if number is not None and least <= number <= most else None


def _read_flag(written: str) -> bool | None:
    return {"true": True, "false": False}.get(written.lower())


def _read_names(written: str) -> list[str] | None:
    names = [name.strip() for name in written.split(",")] if written.strip() else []
    return sorted(set(names)) if all(re.fullmatch("[a-z][a-z0-9_]{0,63}", name) for name in names) else None


def _read_keys(written: str) -> list[str] | None:
    keys = list(dict.fromkeys(key.strip() for key in written.split(","))) if written.strip() else []
    return keys if all(re.fullmatch(r"[^\s&=?#%+]{1,64}", key) for key in keys) else None


def _read_currency(written: str) -> str | None:
    return written.upper() if re.fullmatch("[A-Za-z]{3}", written) else None


OPTIONS: Mapping[str, Option] = {
    "session_timeout_minutes": _number(1, 480),
    "engaged_seconds": _number(0, 3_600),
    "engaged_scroll_percent": _number(0, 100),
    "engaged_clicks": _number(0, 1_000),
    "engaged_time_cap_minutes": _number(1, 1_440),
    "ga4_engaged_seconds": _number(0, 3_600),
    "ga4_page_views": _number(1, 1_000),
    "anonymous_min_page_views": _number(0, 1_000),
    "own_subdomains": Option("true or false", _read_flag),
    "key_events": Option("names of events with commas between them, or nothing", _read_names),
    "path_query_keys": Option("keys of a page's query with commas between them, or nothing", _read_keys),
    "currency": Option("three letters, such as EUR", _read_currency),
    "top_n": _number(1, 1_000),
    "event_name_cap": _number(1, 100_000),
    "page_path_cap": _number(1, 100_000),
    "community_cap": _number(1, 100_000),
}
"""Columns of ops.site_options."""

PROJECT_WIDE = ("commerce_events", "contact_properties", "events_mart")
"""The other variables of the models: what an event means and which marts there are, the same for all sites."""


def read_options(written: Sequence[str]) -> dict[str, Value]:
    """Read options, each written as `name=value`.

    Returns:
        Option → value.

    Raises:
        SiteError: an option is unknown, or its value is none that it takes.
    """
    read: dict[str, Value] = {}
    for each in written:
        name, equals, value = each.partition("=")
        _require_option(name)
        found = OPTIONS[name].read(value.strip()) if equals else None
        if found is None:
            raise SiteError(f"{each}: {name} takes {OPTIONS[name].takes}, as in {name}=VALUE")
        read[name] = found
    return read


def own_options(connection: Connection, site: str) -> dict[str, Value]:
    """Return the options that the site has set.

    Raises:
        SiteError: no such site.
    """
    require_site(connection, site)
    return all_options(connection).get(site, {})


def all_options(connection: Connection) -> dict[str, dict[str, Value]]:
    """Return the options that sites have set, by site."""
    rows: list[dict[str, Any]] = [row._asdict() for row in connection.execute(text("select * from ops.site_options"))]
    return {row["site_id"]: {name: row[name] for name in OPTIONS if row[name] is not None} for row in rows}


def change_options(
    connection: Connection, site: str, wanted: Mapping[str, Value], unwanted: Sequence[str] = ()
) -> int | None:
    """Set options of the site, unset others, and mark all its days that are not frozen.

    Returns:
        Number of days marked; None where all was so before.

    Raises:
        SiteError: no such site, or an option is unknown.
    """
    for name in (*wanted, *unwanted):
        _require_option(name)
    before = own_options(connection, site)
    after = {name: value for name, value in {**before, **wanted}.items() if name not in unwanted}
    if after == before:
        return None
    values = {"site": site, **{name: after.get(name) for name in OPTIONS}}
    connection.execute(text(_REPLACE), values)
    return mark_days(connection, site)


def mark_days(connection: Connection, site: str) -> int:
    """Mark all days of the site that are not frozen, because its options changed. Return their number."""
    return mark_found(connection, _DAYS, {"site": site, "cause": Cause.SITE_OPTIONS})


def _require_option(name: str) -> None:
    if name not in OPTIONS:
        raise SiteError(f"{name!r} is no option of a site; there are {', '.join(OPTIONS)}")


_REPLACE = f"""
insert into ops.site_options (site_id, {", ".join(OPTIONS)})
values (:site, {", ".join(f":{name}" for name in OPTIONS)})
on conflict (site_id) do update set {", ".join(f"{name} = excluded.{name}" for name in OPTIONS)}
"""

# Every day with raw events is published or dirty. Asked day by day, each partition is left at the first event found.
_DAYS = """
select cast(:site as text) as site_id, days.event_date, cast(:cause as text) as cause
from (select event_date from ops.published_days union select event_date from ops.dirty_days) as days
where exists (select from raw.events as e where e.event_date = days.event_date and e.site_id = :site)
"""
