"""Prune what is older than its policy says, and nothing else. Every step may be interrupted and run again.

A mart's yml decides about its rows; this module decides about raw and ops. Days with dirty marks are never pruned:
events that are not published yet would be lost. `raw_days` drops days of raw events, `raw_kinds` deletes those of one
kind of people, `old_files` finds old files, and `orchestration` prunes Dagster's own history.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import Connection, Engine, text

from runtime.failpoints import reach
from runtime.settings import Settings
from warehouse.postgres.locks import MARTS, RETENTION, exclusive, held
from warehouse.retention.clock import record_end, record_run, require_today
from warehouse.retention.old_files import (
    landed_files,
    old_entries,
    old_entries_of_folders,
    old_logs,
    put_logs_aside,
    remove,
    total_bytes,
)
from warehouse.retention.policies import Due, Kind, RetentionError, due_by, list_policies
from warehouse.retention.raw_days import READ_AFTER_A_DAY, drop_raw_days
from warehouse.retention.raw_kinds import POLICY, days_with_addresses, delete_kind, of_kind, record_without_addresses
from warehouse.tables.decisions import DAY, Mart
from warehouse.tables.marts import left_behind
from warehouse.tables.today import clear as clear_today


@dataclass(frozen=True)
class Pruned:
    """What one step removed, or would remove: rows of a relation, or files of a folder."""

    policy: str
    relation: str
    rows: int
    bytes: int
    kind: Kind | None = None
    """Whose alone; None: everybody's."""


def prune(
    engine: Engine, settings: Settings, marts: Sequence[Mart], dry_run: bool = False, confirmed: date | None = None
) -> list[Pruned]:
    """Apply every policy by the database's own date, and return what was removed (with `dry_run`: would be).

    `marts` are all published marts: other tables in schema marts are not pruned. `confirmed` is the date of today as a
    person knows it.

    Raises:
        RetentionError: the date cannot be believed, see `require_today`; then nothing is pruned. Or a published table
            is no mart any more: all else is pruned.
    """
    with held(engine, RETENTION):
        with engine.begin() as connection:
            today = require_today(connection, confirmed)
            due = due_by(list_policies(connection), today)
            if not dry_run:
                record_run(connection, today, confirmed)
        if not dry_run and "logs" in due:
            put_logs_aside(settings.log_files, today)
        try:
            pruned = [
                *_prune_raw_events(engine, due, dry_run),
                *_prune_files(engine, settings, due, dry_run),
                *_prune_rows(engine, rules(marts), due, dry_run),
            ]
        finally:
            if not dry_run:
                with engine.begin() as connection:
                    clear_today(connection)  # The next build makes it from what is left.
        if not dry_run:
            with engine.begin() as connection:
                record_end(connection, today)
            _refuse_undecided(engine, marts)
        return pruned


def _prune_raw_events(engine: Engine, due: dict[str, Due], dry_run: bool) -> Iterator[Pruned]:
    found = due.get("raw_events", Due())
    if found.before:
        for name, rows, size in drop_raw_days(engine, found.before, dry_run):
            yield Pruned("raw_events", name, rows, size)
    if found.kind and found.kind_before:
        for name, rows, size in delete_kind(engine, found.kind, found.before, found.kind_before, dry_run):
            yield Pruned("raw_events", name, rows, size, found.kind)


def _prune_files(engine: Engine, settings: Settings, due: dict[str, Due], dry_run: bool) -> Iterator[Pruned]:
    for policy, relation, paths in _old_files(engine, settings, due):
        size = total_bytes(paths)
        if not dry_run:
            remove(paths)
        yield Pruned(policy, relation, len(paths), size)


def _old_files(engine: Engine, settings: Settings, due: dict[str, Due]) -> Iterator[tuple[str, str, list[Path]]]:
    """Give each policy, its place, and the files there that are due."""
    first_kept = {policy: found.before for policy, found in due.items()}
    with engine.connect() as connection:
        if before := first_kept.get("landed_files"):
            yield "landed_files", "landing zone", landed_files(connection, settings.landing, "loaded", before)
        if before := first_kept.get("rejects"):
            yield "rejects", "refused files", landed_files(connection, settings.landing, "refused", before)
    if before := first_kept.get("check_results"):
        yield "check_results", "pages of checks", old_entries(settings.checks, before)
    if before := first_kept.get("exports"):
        yield "exports", "exports of persons", old_entries(settings.exports, before)
    if before := first_kept.get("reports"):
        yield "reports", "reports of days", old_entries_of_folders(settings.reports, before)
    if before := first_kept.get("logs"):
        folders = sorted({log.parent for log in settings.log_files})
        yield "logs", "logs", [path for folder in folders for path in old_logs(folder, before)]


@dataclass(frozen=True)
class Rule:
    """Which rows `r` of a relation fall under a policy; `:before` is the first day to keep."""

    policy: str
    relation: str
    where: str
    change: str | None = None
    """The assignments that replace deleting the row."""
    user: str | None = None
    """Column that is null in rows of anonymous people. Without one, a policy of kinds goes by the shorter time."""


_RAW = "raw.events"
_PUBLISHED = (
    f"{DAY} < :before and not exists ("
    f"select from ops.dirty_days d where d.site_id = r.site_id and d.event_date = r.{DAY})"
)

# The raw events of these days wait, too: a build beside them sums their figures again, from all rows.
_NOT_WAITING = (
    " and not exists (select from ops.dirty_days d"
    f" where d.event_date between r.{DAY} - {READ_AFTER_A_DAY} and r.{DAY})"
)

_BEFORE = (
    Rule("rejects", "raw.rejects", "rejected_at < :before"),
    Rule(
        "check_results",
        "ops.check_results",
        "checked_at < :before and failing_rows is not null",
        change="failing_rows = null",
    ),
    Rule("ip_addresses", _RAW, "r.event_date = any(:days) and r.ip is not null", change="ip = null"),
)
_AFTER = (
    Rule(
        POLICY,
        "raw.visitor_hashes",
        "last_day < :before and not exists ("
        "select from ops.dirty_days d where d.site_id = r.site_id and d.event_date < :before)",
    ),
    Rule("payment_contacts", "ops.contact_vault", "event_date < :before and event_name = 'payment_failed'"),
    Rule("profile_contacts", "ops.contact_vault", "event_date < :before and event_name <> 'payment_failed'"),
    Rule("contact_reads", "ops.contact_reads", "read_at < :before"),
    Rule("alarms", "ops.alarms", "resolved_at < :before"),
    Rule("alarms", "ops.deliveries", "made_at < :before"),
)


def rules(marts: Sequence[Mart]) -> tuple[Rule, ...]:
    """Return all rules for rows: those of raw and ops, and those that the marts decided on."""
    by_kind = zip(*map(_rules_of, marts), strict=True) if marts else ((), (), (), ())
    nulled, anonymous, signed_in, all_rows = ([rule for found in kind for rule in found] for kind in by_kind)
    return (*_BEFORE, *nulled, *_AFTER, *anonymous, *signed_in, *all_rows)


def _rules_of(mart: Mart) -> tuple[list[Rule], list[Rule], list[Rule], list[Rule]]:
    """Return four lists of rules: set columns to null; delete rows without a user, rows with one, or all rows."""
    retention, user = mart.retention, mart.people.user if mart.people else None
    old = f"{retention.by} < :before" if retention.by else _PUBLISHED
    if retention.policy == POLICY and mart.has_day:
        old += _NOT_WAITING
    nulled = [
        Rule(
            column.rules.nulled_by,
            mart.relation,
            f"{retention.by or DAY} < :before and {column.name} is not null",
            change=f"{column.name} = null",
            user=user,
        )
        for column in mart.columns
        if column.rules.nulled_by
    ]
    anonymous, signed_in, all_rows = [], [], []
    if retention.anonymous and retention.signed_in:
        policies = [retention.anonymous, *([retention.anonymous_at_most] if retention.anonymous_at_most else [])]
        anonymous = [Rule(policy, mart.relation, f"{old} and {user} is null", user=user) for policy in policies]
        signed_in = [Rule(retention.signed_in, mart.relation, f"{old} and {user} is not null")]
    if retention.policy:
        all_rows = [Rule(retention.policy, mart.relation, old, user=user)]
    return nulled, anonymous, signed_in, all_rows


KEPT = {
    "raw.user_agents": "texts that many people share, each once",
    "ops.public_suffixes": "a list of domains: no person in it",
    "raw.lost_copies": "goes with the raw events of its day",
    "raw.privacy_subjects": "goes when the request is done",
    "ops.visitor_key": "a fingerprint of a key: no person in it",
    "ops.suppressions": "hashes: without them erased people would come back",
    "ops.privacy_requests": "the trail of what was asked for and done, without ids",
    "ops.erased_relations": "names of tables; goes when their files are written anew",
    "ops.rewritten_files": "checksums: without them a file could be loaded again",
    "ops.site_analysts": "no visitor in it",
    "ops.tokens": "readers: no visitor in it",
    "ops.alarm_rules": "no visitor in it",
    "ops.alarm_silences": "no visitor in it; goes when it is over and another one is made",
    "ops.token_rights": "goes when the token is revoked, or the user is erased",
    "ops.token_uses": "readers: no visitor in it",
    "ops.sites": "no person in it",
    "ops.site_keys": "no person in it",
    "ops.site_options": "no person in it",
    "ops.own_sources": "a list of hosts: no person in it",
    "ops.declared_properties": "names of properties: no person in them",
    "ops.goals": "what a site counts: no visitor in it",
    "ops.funnels": "what a site counts: no visitor in it",
    "ops.redated_sites": "goes when the site's events are moved",
    "ops.unbuilt_days": "goes when the site's timezone is known",
    "ops.landed_files": "counts: without them a file could be loaded again",
    "ops.dirty_days": "goes when it is published",
    "ops.held_days": "goes when it is published",
    "ops.accepted_figures": "figures that a person accepted: no visitor in them",
    "ops.frozen_days": "says which days are gone",
    "ops.pruned_kinds": "says whose events of a day are gone; goes with the others",
    "ops.today": "times: no person in it",
    "ops.candidates": "what was built: no person in it",
    "ops.candidate_days": "counts: a rebuild must not find less",
    "ops.audits": "verdicts: no person in them",
    "ops.publications": "what was published: no person in it",
    "ops.publication_marts": "counts",
    "ops.restatements": "figures that changed: no person in them",
    "ops.retention_policies": "the policies",
    "ops.retention_runs": "dates: no person in them",
}
"""Tables of raw and ops that no rule prunes, and why. For marts their yml says it."""


def _prune_rows(engine: Engine, rules: Sequence[Rule], due: dict[str, Due], dry_run: bool) -> Iterator[Pruned]:
    for rule in rules:
        found = due.get(rule.policy, Due())
        for before, kind in ((found.before, None), (found.kind_before, found.kind)):
            if before:
                with engine.begin() as connection:
                    yield _apply(connection, rule, before, kind, dry_run)


def _apply(connection: Connection, rule: Rule, before: date, kind: Kind | None, dry_run: bool) -> Pruned:
    if connection.scalar(text("select to_regclass(:relation)"), {"relation": rule.relation}) is None:
        return Pruned(rule.policy, rule.relation, 0, 0, kind)
    exclusive(connection, MARTS)
    kinds = (kind,) if kind else get_args(Kind)
    days = days_with_addresses(connection, kinds, before) if rule.relation == _RAW else []
    values: dict[str, Any] = {"days": days} if rule.relation == _RAW else {"before": before}
    where = f"{rule.where} and {_of_kind(connection, rule, kind, before)}" if kind else rule.where
    found = connection.execute(
        text(
            "select count(*) as rows, coalesce(sum(pg_column_size(r.*)), 0)::bigint as bytes"
            f" from {rule.relation} r where {where}"
        ),
        values,
    ).one()
    if found.rows and not dry_run:
        verb = f"update {rule.relation} r set {rule.change}" if rule.change else f"delete from {rule.relation} r"
        connection.execute(text(f"{verb} where {where}"), values)
    if days and not dry_run:
        record_without_addresses(connection, kinds, days)
    reach("retain:rows", connection)
    return Pruned(rule.policy, rule.relation, found.rows, found.bytes, kind)


def _of_kind(connection: Connection, rule: Rule, kind: Kind, before: date) -> str:
    """Return the SQL condition that a row is of the kind, or true where the rows do not say it."""
    if rule.relation == _RAW:
        return of_kind(connection, kind, before)
    if rule.user is None:
        return "true"
    return f"r.{rule.user} is {'' if kind == 'anonymous' else 'not '}null"


def _refuse_undecided(engine: Engine, marts: Sequence[Mart]) -> None:
    with engine.connect() as connection:
        if left := left_behind(connection, marts):
            raise RetentionError(
                f"{', '.join(left)}: no model decides any more how long its rows are kept; drop it, or bring its model"
                " back. All else was pruned"
            )
