"""Whether the date of the database's clock can be believed, beside the dates on record. Prunes nothing.

What retention takes away is gone, so a date is believed only where it goes on from what is known: the last retention,
and the newest load. A clock that was wrong once leaves dates on record that lie in the future once it is right;
`forget` takes them out.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, text

from warehouse.postgres.statements import statement
from warehouse.retention.policies import RetentionError

MOST_DAYS = 3
"""How many days may lie between the clock, the last run and the newest load: a long weekend."""
_MOST = timedelta(days=MOST_DAYS)


@dataclass(frozen=True)
class Clock:
    """The date of the database's clock, and the dates on record."""

    today: date
    last_run: date | None = None
    """When retention last ran; None: never."""
    last_confirmed: date | None = None
    """When a person last said which date it was."""
    newest_load: date | None = None
    """When a file was last loaded or refused; None: never."""
    silence: tuple[date, date] | None = None
    """Where retention never ran: the last two days of loads with more than `MOST_DAYS` between them."""
    first_ahead: date | None = None
    """The first date on record that has not come yet."""

    def doubt(self) -> str | None:
        """Return why today cannot be believed, with all dates and what to do; None if it can."""
        # A confirmed date is as good as a load: after it a warehouse may be quiet for as long again.
        known = max(filter(None, (self.newest_load, self.last_confirmed)), default=None)
        dates = [each for each in (self.today, self.last_run, known) if each]
        if max(dates) - min(dates) <= _MOST and not self.silence:
            return None
        said = [self._load(), f"retention last ran on {self.last_run}" if self.last_run else "retention never ran"]
        if self.silence:
            said.insert(0, "nothing was loaded between {} and {}".format(*self.silence))
        return (
            f"today is {self.today} by the database's clock, but {', and '.join(filter(None, said))}: with more than"
            f" {MOST_DAYS} days between them nothing is pruned. {self._advice()}"
        )

    def _load(self) -> str:
        if not self.newest_load:
            return ""
        if self.newest_load > self.today:
            return f"files were loaded on {self.newest_load}"
        silent = self.today - self.newest_load > _MOST
        return f"nothing was loaded since {self.newest_load}" if silent else f"files were loaded on {self.newest_load}"

    def _advice(self) -> str:
        advice = f"If today is {self.today}, `footfall retain --confirm-today {self.today}` goes on"
        if self.first_ahead:
            advice += f", and `footfall retention forget {self.first_ahead}` takes the wrong dates out of the record"
        return f"{advice}. If not, set the clock."


def read_clock(connection: Connection) -> Clock:
    """Read the database's date and the dates on record."""
    found = connection.execute(statement(__file__, "clock"), {"most_days": MOST_DAYS}).one()
    silence = (found.silent_after, found.silent_until) if found.silent_after else None
    return Clock(
        found.today, found.last_run, found.last_confirmed, found.newest_load, silence, first_ahead=found.first_ahead
    )


def require_today(connection: Connection, confirmed: date | None = None) -> date:
    """Return the date by which retention prunes: that of the database's clock.

    Raises:
        RetentionError: it is not the date that a person confirmed; or no person did, and it cannot be believed.
    """
    clock = read_clock(connection)
    if confirmed and confirmed != clock.today:
        raise RetentionError(
            f"today is {clock.today} by the database's clock, not {confirmed}: nothing is pruned. Set the clock, or"
            " confirm its date"
        )
    if not confirmed and (why := clock.doubt()):
        raise RetentionError(why)
    return clock.today


def record_run(connection: Connection, today: date, confirmed: date | None = None) -> None:
    """Record that retention runs. May run twice a day."""
    connection.execute(
        text(
            "insert into ops.retention_runs (run_date, is_confirmed) values (:today, :confirmed)"
            " on conflict (run_date) do update set is_confirmed = retention_runs.is_confirmed or excluded.is_confirmed"
        ),
        {"today": today, "confirmed": confirmed is not None},
    )


def record_end(connection: Connection, today: date) -> None:
    """Record that what is due has been pruned, this time."""
    connection.execute(
        text("update ops.retention_runs set ended_at = clock_timestamp() where run_date = :today"), {"today": today}
    )


def forget(connection: Connection, since: date) -> dict[str, int]:
    """Take dates that have not come yet out of the record, as the administrator: what bears them is dated now.

    Events keep their days. The date that the clock shows must be right.

    Returns:
        Table → number of rows that bore such a date, of each table that had any.

    Raises:
        RetentionError: the date has come, or nothing bears it or a later one.
    """
    today: date = connection.execute(text("select current_date")).scalar_one()
    if since <= today:
        raise RetentionError(
            f"today is {today} by the database's clock: only later dates are proven wrong, and {since} is none;"
            " give one that has not come"
        )
    values = {"since": since}
    gone = connection.execute(text("delete from ops.retention_runs where run_date >= :since"), values).rowcount
    found = {"ops.retention_runs": gone}
    for stamped in connection.execute(statement(__file__, "stamped")).all():
        relation: str = stamped.relation
        column: str = stamped.column_name
        changed = connection.execute(
            text(f"update {relation} set {column} = now() where {column} >= :since"), values
        ).rowcount
        found[relation] = found.get(relation, 0) + changed
    found = {relation: rows for relation, rows in found.items() if rows}
    if not found:
        raise RetentionError(f"nothing on record is dated {since} or later: `footfall doctor` names such dates")
    return found


def days_ahead(connection: Connection) -> list[date]:
    """Return the days of events that have begun in no timezone yet, oldest first."""
    return list(connection.execute(statement(__file__, "days_ahead")).scalars())
