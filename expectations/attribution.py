"""For which sites and days a check failed: the offending rows say it, or the rows of the mart that they name.

A check that was not carried out has none; here stands only whether rows can be the reason.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from psycopg import errors, sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from expectations.checks.check import Check, Suite
from expectations.checks.result import CheckResult, GateError
from warehouse.postgres.catalog import run
from warehouse.postgres.errors import is_by_rows, may_pass, quotable
from warehouse.publication.held_days import Failure, Offence
from warehouse.tables.decisions import DAY

SITE = "site_id"
_ERROR = re.compile(r"\(psycopg\.errors\.(\w+)\) (.*)")
"""How SQLAlchemy reports an error of the database: the class in psycopg, and the message."""


class Unattributable(GateError):
    """Why a failed check cannot be laid to sites: it speaks of the whole candidate."""


def offences(connection: Connection, suites: Sequence[Suite], failed: Sequence[CheckResult]) -> list[Offence]:
    """Return for which sites and days the checks failed. All of them were carried out.

    Raises:
        Unattributable: a check has offending rows without a site that is being built.
    """
    checks = {(suite.mart, check.name): (suite, check) for suite in suites for check in suite.checks}
    days = _days_being_built(connection)
    try:
        return [
            found
            for result in failed
            for found in _offences(connection, *checks[result.mart, result.name], result, days)
        ]
    except DBAPIError as error:
        raise Unattributable(f"the rows cannot be read: {error.orig}") from error


def failure_by_rows(result: CheckResult) -> Failure:
    """Return why a check was not carried out, where rows can be the reason.

    Raises:
        Unattributable: it has another reason.
    """
    named = _ERROR.search(str(result.error))
    sqlstate = getattr(getattr(errors, named[1], None), "sqlstate", None) if named else None
    if not named or not sqlstate or not is_by_rows(sqlstate):
        raise Unattributable(f"{result.mart}.{result.name} did not run: {result.error}")
    reason = f"cannot be carried out: {quotable(sqlstate, named[2])}"
    return Failure(result.mart, result.name, reason, may_pass=may_pass(sqlstate))


def _offences(
    connection: Connection, suite: Suite, check: Check, result: CheckResult, days: set[tuple]
) -> Iterator[Offence]:
    sites = {site for site, _ in days}
    rows = _offending(connection, suite, check)
    if not rows:
        raise Unattributable(f"{result.mart}.{result.name} names no row")
    for site, day, figure, usual in rows:
        if site not in sites:
            raise Unattributable(f"{result.mart}.{result.name} names site {site!r}, which is not being built")
        # Of a row that is no day's, or of a day beyond the slice, nothing says which of the days is to blame.
        known = day if (site, day) in days else None
        yield Offence(result.mart, result.name, str(result.reason), site, known, _number(figure), _number(usual))


def _offending(connection: Connection, suite: Suite, check: Check) -> list[tuple]:
    """Return (site, day or None, figure or None, what is usual or None) of all offending rows."""
    query = sql.SQL("({})").format(_rows(suite, check))
    found = _columns(connection, query)
    if SITE not in found:
        raise Unattributable(f"{suite.mart}.{check.name} names no site")
    join = sql.SQL("")
    day = sql.SQL("cast(null as date)")
    if DAY in found:
        day = sql.SQL("o.{}").format(sql.Identifier(DAY))
    elif found.issuperset(suite.key) and DAY in _columns(connection, sql.Identifier("audit", suite.mart)):
        keys = sql.SQL(" and ").join(sql.SQL("m.{0} = o.{0}").format(sql.Identifier(key)) for key in suite.key)
        join = sql.SQL("left join {} as m on {}").format(sql.Identifier("audit", suite.mart), keys)
        day = sql.SQL("m.{}").format(sql.Identifier(DAY))
    figures = [
        sql.SQL("max(o.{})").format(sql.Identifier(name)) if name in found else sql.SQL("null")
        for name in ("figure", "usual")
    ]
    return [
        tuple(row)
        for row in run(
            connection,
            sql.SQL("select o.{site}, {day}, {figures} from {query} as o {join} group by 1, 2").format(
                site=sql.Identifier(SITE), day=day, figures=sql.SQL(", ").join(figures), query=query, join=join
            ),
        )
    ]


def _columns(connection: Connection, rows: sql.Composable) -> set[str]:
    return set(run(connection, sql.SQL("select * from {} as rows limit 0").format(rows)).keys())


def _rows(suite: Suite, check: Check) -> sql.Composable:
    """Return the query for the offending rows of a check."""
    if check.is_query:
        return sql.SQL(check.arguments["unexpected_rows_query"])
    mart = sql.Identifier("audit", suite.mart)
    if columns := check.arguments.get("column_list"):
        keys = sql.SQL(", ").join(map(sql.Identifier, columns))
        return sql.SQL("select {keys} from {mart} group by {keys} having count(*) > 1").format(keys=keys, mart=mart)
    column = sql.Identifier(check.arguments["column"])
    conditions = []
    if "value_set" in check.arguments:
        conditions.append(sql.SQL("{} <> all({})").format(column, sql.Literal(check.arguments["value_set"])))
    for name, operator in (("min_value", "<"), ("max_value", ">")):
        if name in check.arguments:
            limit = sql.Literal(check.arguments[name])
            conditions.append(sql.SQL("{} " + operator + " {}").format(column, limit))
    if not conditions:
        conditions.append(sql.SQL("{} is null").format(column))
    return sql.SQL("select * from {} where {}").format(mart, sql.SQL(" or ").join(conditions))


def _days_being_built(connection: Connection) -> set[tuple]:
    return {tuple(row) for row in connection.execute(text(f"select site_id, {DAY} from audit.slice_days"))}


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
