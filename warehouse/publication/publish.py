"""Write-audit-publish's last step: replace the slice's rows in `marts`, all marts in one transaction.

It trusts no orchestrator: it refuses a candidate without a passing audit of exactly the content in schema audit.
Readers never wait, and never see a part of a publication.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from psycopg import sql
from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from runtime.failpoints import reach
from warehouse.postgres.catalog import columns, run
from warehouse.postgres.locks import MARTS, exclusive
from warehouse.postgres.statements import statement
from warehouse.publication.dirty_days import clear_covered, mark_found
from warehouse.publication.held_days import release_published
from warehouse.publication.plain import require_plain
from warehouse.publication.restatements import headline_figures, record_restatements
from warehouse.publication.slices import Candidate
from warehouse.tables.decisions import DAY, Mart


class PublishRefused(FootfallError):
    """Why the candidate was not published. Marts are as they were."""


@dataclass(frozen=True)
class MartDay:
    """Number of rows of one mart and day, with a hash of their content that is independent of their order."""

    mart: str
    day: date | None
    row_count: int
    content_hash: str


@dataclass(frozen=True)
class Publication:
    """One publication, as recorded."""

    publication_id: int
    days: tuple[MartDay, ...]


def fingerprint(connection: Connection, marts: Sequence[Mart]) -> str:
    """Return a hash of all candidate rows and of the keys of the rows that they replace.

    Until the transaction ends, no relation that it read can become another one.

    Raises:
        NotPlain: one of them is more than a plain table of the transformer's.
    """
    require_plain(connection, candidate_relations(marts))
    return _fingerprint(connection, marts, _contents(connection, marts))


def _contents(connection: Connection, marts: Sequence[Mart]) -> dict[str, list[MartDay]]:
    """Return the content of all candidates: mart → its days."""
    return {mart.name: content(connection, "audit", mart) for mart in marts}


def _fingerprint(connection: Connection, marts: Sequence[Mart], contents: Mapping[str, list[MartDay]]) -> str:
    days = [day for found in contents.values() for day in found]
    keys = [_keys_content(connection, relation) for relation in sorted({mart.replaced_keys for mart in marts})]
    return hashlib.sha256(repr((days, keys)).encode()).hexdigest()


def candidate_relations(marts: Sequence[Mart]) -> list[str]:
    """Return all relations that a publication reads, `schema.name`."""
    keys = sorted({f"intermediate.{mart.replaced_keys}" for mart in marts})
    return [*(f"audit.{mart.name}" for mart in marts), *keys, "intermediate.stale_days"]


def content(connection: Connection, schema: str, mart: Mart, days: Collection[date] | None = None) -> list[MartDay]:
    """Return row count and content hash of a mart by day, for all days or only `days`. `schema` is audit or marts."""
    query = sql.SQL(
        "select {day}, count(*), {hash} from (select {columns} from {schema}.{mart}{wanted}) as mart_row"
        " group by 1 order by 1"
    ).format(
        wanted=sql.SQL("")
        if days is None
        else sql.SQL(" where {} = any({})").format(sql.Identifier(DAY), sql.Literal(sorted(days))),
        day=sql.Identifier(DAY) if mart.has_day else sql.SQL("null::date"),
        hash=_HASH,
        columns=sql.SQL(", ").join(sql.Identifier(name) for name in mart.column_names if name not in _NOT_CONTENT),
        schema=sql.Identifier(schema),
        mart=sql.Identifier(mart.name),
    )
    return [MartDay(mart.name, *row) for row in _execute(connection, query)]


def publish(connection: Connection, candidate: Candidate, marts: Sequence[Mart]) -> Publication:
    """Publish the candidate, and clear the dirty marks that it covers. The caller commits.

    Raises:
        PublishRefused: no passing audit of this content, or marts changed since it was built.
        NotPlain: a relation of the candidate is more than a plain table of the transformer's.
    """
    exclusive(connection, MARTS)
    checked = _require_audit(connection, candidate, marts)
    # Before anything reads it: the function of a view would run with the rights of who publishes.
    require_plain(connection, candidate_relations(marts))
    for mart in marts:
        _execute(connection, sql.SQL("lock table audit.{} in share mode").format(sql.Identifier(mart.name)))
    contents = _contents(connection, marts)
    if _fingerprint(connection, marts, contents) != checked:
        raise PublishRefused(f"the candidate of {candidate.slice} changed after its check; build and check it again")
    before = [headline_figures(connection, mart) for mart in marts]
    # For the planner a small sample of a new day is enough; the usual sample reads ten times as many old pages.
    connection.execute(text("set local default_statistics_target = 10"))
    never_rows = kept_no_day(connection)
    days = tuple(
        day
        for mart in marts
        for day in _replace(connection, mart, contents[mart.name], mart.retention.anonymous_at_most in never_rows)
    )
    publication_id = _record(connection, candidate)
    for mart, figures in zip(marts, before, strict=True):
        record_restatements(connection, publication_id, candidate, figures, headline_figures(connection, mart))
    if days:
        connection.execute(
            text(
                "insert into ops.publication_marts (publication_id, mart, event_date, row_count, content_hash)"
                " values (:publication_id, :mart, :day, :row_count, :content_hash)"
            ),
            [{"publication_id": publication_id} | vars(day) for day in days],
        )
    _clear_marks(connection, candidate)
    return Publication(publication_id, days)


def finalise_days(connection: Connection, today: date, lateness_days: int) -> int:
    """Mark each published day as final whose end and whose last change are more than `lateness_days` ago.

    Publishing the same rows again is no change.
    """
    return connection.execute(
        statement(__file__, "finalise_days"), {"today": today, "lateness": lateness_days}
    ).rowcount


_NOT_CONTENT = ("is_final",)
"""Columns that change by the passing of time alone."""

_HASH = sql.SQL("md5(sum(hashtextextended(mart_row::text, 0)::numeric)::text)")
"""A sum of row hashes: it ignores the order of rows, and notices a lost or doubled row."""


def _require_audit(connection: Connection, candidate: Candidate, marts: Sequence[Mart]) -> str:
    """Require a passing audit of every mart, and return the fingerprint of what was checked."""
    state = connection.execute(
        text(
            "select state, built_on_publication_id is not distinct from"
            " (select max(publication_id) from ops.publications) as is_current"
            " from ops.candidates where candidate_id = :candidate_id"
        ),
        {"candidate_id": candidate.candidate_id},
    ).one()
    if state.state != "built":
        raise PublishRefused(
            f"the candidate of {candidate.slice} is {state.state}, not built: `footfall build` builds it"
        )
    if not state.is_current:
        raise PublishRefused(f"marts changed since the candidate of {candidate.slice} was built; build it again")
    audit = connection.execute(
        text(
            "select passed, expectation_count, failed_count, fingerprint,"
            " array(select distinct mart from ops.check_results r where r.audit_id = a.audit_id) as marts"
            " from ops.audits a where candidate_id = :candidate_id order by audit_id desc limit 1"
        ),
        {"candidate_id": candidate.candidate_id},
    ).first()
    if not audit:
        raise PublishRefused(f"the candidate of {candidate.slice} was never checked; run `footfall check`")
    if not audit.passed or audit.failed_count or not audit.expectation_count:
        raise PublishRefused(
            f"the candidate of {candidate.slice} did not pass: {audit.failed_count} of {audit.expectation_count}"
            " expectations failed; `footfall check` shows which"
        )
    if unchecked := sorted({mart.name for mart in marts} - set(audit.marts)):
        raise PublishRefused(
            f"nothing was checked of {', '.join(unchecked)}; write expectations, then `footfall check`"
        )
    checked: str = audit.fingerprint
    return checked


def kept_no_day(connection: Connection) -> set[str]:
    """Return the policies that keep rows of anonymous people for 0 days: these are counted, and never published."""
    return set(connection.execute(text("select policy from ops.retention_policies where keep_days = 0")).scalars())


def _replace(
    connection: Connection, mart: Mart, candidate: Sequence[MartDay] = (), only_signed_in: bool = False
) -> list[MartDay]:
    """Replace the rows that the keys name, and return the mart's content on every day that this changed.

    With `only_signed_in`, candidates without a user are left out. `candidate` is the content of the candidate, if it is
    known.

    For a mart whose rows belong to no day, it returns only the content of the candidate.
    """
    keys = columns(connection, f"intermediate.{mart.replaced_keys}")
    names = {
        "mart": sql.Identifier(mart.name),
        "keys": sql.Identifier(mart.replaced_keys),
        "columns": sql.SQL(", ").join(map(sql.Identifier, mart.column_names)),
        "day": sql.Identifier(DAY) if mart.has_day else sql.SQL("null::date"),
        "match": sql.SQL(" and ").join(sql.SQL("m.{0} = s.{0}").format(sql.Identifier(key)) for key in keys),
    }
    delete = (
        "with gone as (delete from marts.{mart} m using intermediate.{keys} s where {match} returning m.*)"
        " select distinct {day} from gone"
    )
    gone = _execute(connection, sql.SQL(delete).format(**names))
    insert = "insert into marts.{mart} ({columns}) select {columns} from audit.{mart}"
    if only_signed_in and mart.people and mart.people.user:
        candidate = ()
        insert += " where {user} is not null"
        names["user"] = sql.Identifier(mart.people.user)
    _execute(connection, sql.SQL(insert).format(**names))
    reach("publish:mart", connection)
    if not mart.has_day:
        return [*candidate] or content(connection, "audit", mart)
    # For a day newer than its statistics the planner expects one row; the next build took five times as long.
    _execute(connection, sql.SQL("analyze marts.{mart} ({day})").format(**names))
    fresh = _execute(connection, sql.SQL("select distinct {day} from audit.{mart}").format(**names))
    return _content_now(connection, mart, {day for (day,) in [*gone, *fresh]}, candidate)


def _content_now(
    connection: Connection, mart: Mart, days: Collection[date], inserted: Sequence[MartDay]
) -> list[MartDay]:
    """Return what `content` does. Where a day has as many rows as were inserted for it, these are all that it has."""
    count = "select {day}, count(*) from marts.{mart} where {day} = any({days}) group by 1"
    names = {"day": sql.Identifier(DAY), "mart": sql.Identifier(mart.name), "days": sql.Literal(sorted(days))}
    counts = dict(_execute(connection, sql.SQL(count).format(**names)))
    known = [each for each in inserted if each.row_count == counts.get(each.day)]
    rest = set(days) - {each.day for each in known}
    return sorted([*known, *(content(connection, "marts", mart, rest) if rest else [])], key=attrgetter("day"))


def _record(connection: Connection, candidate: Candidate) -> int:
    connection.execute(
        text("update ops.candidates set state = 'published' where candidate_id = :candidate_id"),
        {"candidate_id": candidate.candidate_id},
    )
    return connection.execute(
        text(
            "insert into ops.publications (candidate_id, first_date, last_date, file_ids, code_version)"
            " select candidate_id, first_date, last_date, array(select distinct file_id from ops.dirty_days"
            "  where mark_id = any(mark_ids) and file_id is not null order by file_id), code_version"
            " from ops.candidates where candidate_id = :candidate_id returning publication_id"
        ),
        {"candidate_id": candidate.candidate_id},
    ).scalar_one()


def _clear_marks(connection: Connection, candidate: Candidate) -> None:
    """Clear the marks that were covered, hold back nothing that is published, and mark the stale days."""
    clear_covered(connection, candidate.candidate_id)
    release_published(connection, candidate.candidate_id)
    mark_found(connection, "select site_id, event_date, cause from intermediate.stale_days", {})


def _keys_content(connection: Connection, relation: str) -> tuple[str, int, str]:
    query = sql.SQL("select count(*), {} from intermediate.{} as mart_row").format(_HASH, sql.Identifier(relation))
    count, digest = _execute(connection, query)[0]
    return relation, count, digest


def _execute(connection: Connection, query: sql.Composable) -> list[tuple]:
    result = run(connection, query)
    return [tuple(row) for row in result] if result.returns_rows else []
