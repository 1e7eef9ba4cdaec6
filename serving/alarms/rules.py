"""The rules of alarms, in `ops.alarm_rules`, and what is silenced, in `ops.alarm_silences`. Looks at no figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.access.sites import require_site

_UNUSUAL = "{} of a day more than THRESHOLD spreads from what is usual, where that is LEAST or more"
MEANINGS: Mapping[str, str] = {
    "no_events": "no event for an hour in which the site usually has THRESHOLD sessions",
    "sessions": _UNUSUAL.format("sessions"),
    "visitors": _UNUSUAL.format("visitors"),
    "conversions": _UNUSUAL.format("conversions"),
    "revenue": _UNUSUAL.format("revenue in a currency"),
    "failed_payments": "a share THRESHOLD of the payments of 15 minutes failed, and LEAST or more of them",
    "rejects": "a share THRESHOLD of the events of an hour was rejected, and LEAST or more of them",
    "not_published": "what the last night had to publish still waits at THRESHOLD o'clock of the site's own day",
}
"""Each rule, and what breaks it."""


class RuleError(FootfallError):
    """A rule that does not exist, or a number that does not fit."""


class Limits(NamedTuple):
    """Where a rule begins to be broken."""

    threshold: float
    least: float


@dataclass(frozen=True)
class Rule:
    """One line of the table. Site None: every site that has no line of its own."""

    name: str
    site_id: str | None
    threshold: Decimal
    least: Decimal


@dataclass(frozen=True)
class Silence:
    """Of what nothing is sent until then. None: of every rule, or of every site."""

    rule: str | None
    site_id: str | None
    until: datetime


def list_rules(connection: Connection) -> list[Rule]:
    """Return all rules by name, those of every site first."""
    rows = connection.execute(
        text("select rule, site_id, threshold, least from ops.alarm_rules order by rule, site_id nulls first")
    )
    return [Rule(row.rule, row.site_id, row.threshold, row.least) for row in rows]


def limits_of_sites(connection: Connection) -> dict[str, dict[str, Limits]]:
    """Read what holds where.

    Returns:
        Rule → site → its limits.
    """
    rows = connection.execute(
        text(
            "select distinct on (r.rule, s.site_id) r.rule, s.site_id, r.threshold, r.least from ops.alarm_rules r"
            " join ops.sites s on r.site_id is null or r.site_id = s.site_id"
            " order by r.rule, s.site_id, r.site_id nulls last"
        )
    )
    found: dict[str, dict[str, Limits]] = {}
    for row in rows:
        found.setdefault(row.rule, {})[row.site_id] = Limits(float(row.threshold), float(row.least))
    return found


def set_rule(
    connection: Connection, name: str, site: str | None, threshold: Decimal | None, least: Decimal | None
) -> Rule:
    """Add a rule for a site or for every site, or change it, and return it. What is not given stays as it was there.

    Raises:
        RuleError: no such rule, or a number that it cannot have; or it is new, and a number was not given.
        SiteError: no such site.
    """
    _require_known(name)
    if site is not None:
        require_site(connection, site)
    known = {(rule.name, rule.site_id): rule for rule in list_rules(connection)}
    before = known.get((name, site)) or known.get((name, None))
    if threshold is None:
        threshold = before.threshold if before else None
    if least is None:
        least = before.least if before else Decimal(0)
    if threshold is None:
        raise RuleError(f"rule {name} holds for no site: say --threshold")
    highest = {"failed_payments": 1, "rejects": 1, "not_published": 23}.get(name)
    if threshold <= 0 or least < 0 or (highest is not None and threshold > highest):
        raise RuleError(f"{name}: give a threshold above 0{f' and up to {highest}' if highest else ''}")
    connection.execute(
        text(
            "insert into ops.alarm_rules (rule, site_id, threshold, least) values (:rule, :site, :threshold, :least)"
            " on conflict (rule, site_id) do update set threshold = excluded.threshold, least = excluded.least"
        ),
        {"rule": name, "site": site, "threshold": threshold, "least": least},
    )
    return Rule(name, site, threshold, least)


def remove_rule(connection: Connection, name: str, site: str | None) -> None:
    """Remove the rule of a site, so that the one of every site holds there again, or the one of every site.

    Raises:
        RuleError: there is none.
    """
    done = connection.execute(
        text("delete from ops.alarm_rules where rule = :rule and site_id is not distinct from :site"),
        {"rule": name, "site": site},
    )
    if not done.rowcount:
        raise RuleError(f"there is no rule {name} of {site or 'every site'}; `footfall alarm list` shows all")


def silence(connection: Connection, name: str | None, site: str | None, hours: float) -> datetime | None:
    """Send nothing of a rule (None: of all) at a site (None: at all) for so many hours; 0: from now on everything.

    Returns:
        Until when; None: it is not silenced any more.
    """
    if name is not None:
        _require_known(name)
    if site is not None:
        require_site(connection, site)
    given = {"rule": name, "site": site, "hours": hours}
    connection.execute(text("delete from ops.alarm_silences where until <= clock_timestamp()"))
    if not hours:
        connection.execute(
            text(
                "delete from ops.alarm_silences"
                " where rule is not distinct from :rule and site_id is not distinct from :site"
            ),
            given,
        )
        return None
    until: datetime = connection.execute(
        text(
            "insert into ops.alarm_silences (rule, site_id, until)"
            " values (:rule, :site, clock_timestamp() + :hours * interval '1 hour')"
            " on conflict (rule, site_id) do update set until = excluded.until returning until"
        ),
        given,
    ).scalar_one()
    return until


def list_silences(connection: Connection) -> list[Silence]:
    """Return what is silenced now."""
    rows = connection.execute(
        text("select rule, site_id, until from ops.alarm_silences where until > clock_timestamp() order by until")
    )
    return [Silence(row.rule, row.site_id, row.until) for row in rows]


def _require_known(name: str) -> None:
    if name not in MEANINGS:
        raise RuleError(f"there is no rule {name}; there are {', '.join(MEANINGS)}")
