"""The ready questions in `dbt_project/analyses/`, and their answers from the published marts, or with the open day."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from psycopg.errors import UndefinedTable
from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.exc import ProgrammingError

from footfall.answers.near import nearest
from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation, readers_manifest
from runtime.errors import FootfallError
from warehouse.postgres.roles import Role

FOLDER = dbt.PROJECT_DIR / "analyses"
CONTACTS = "contacts"
"""Folder in it of questions that only members of footfall_contacts may ask."""

_AT = re.compile(r"at `\$\.(\w+)")
_NUMBER, _DAY = "a whole number from 1", "a day, 2026-11-30"
_MOMENT = "a moment with its zone, 2026-11-30T09:00:00Z"
_TAKES: Final = {
    "days": "a whole number from 0",
    **dict.fromkeys(("rows", "page"), _NUMBER),
    **dict.fromkeys(("first", "last"), _DAY),
    **dict.fromkeys(("since", "until", "after_at"), _MOMENT),
    "ascending": "true or false",
    "interval": "all, daily, weekly or monthly",
    "dimension": "channel, device_type or country_code",
    "properties": "an object of texts as JSON",
    "after_position": "a whole number",
}
"""What parameters take that are no texts, in words."""

Interval = Literal["all", "daily", "weekly", "monthly"]
Dimension = Literal["", "channel", "device_type", "country_code"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class QuestionError(FootfallError):
    """A question that does not exist, or a parameter that does not fit."""


class PeriodError(QuestionError):
    """Days that do not fit together. `parameter` is the one to change."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter, self.reason = parameter, reason


class MartMissing(FootfallError):
    """A table of marts that is not there, and what makes it."""

    def __init__(self) -> None:
        super().__init__("a table of marts is missing: footfall up --detach makes it, and footfall rebuild fills it")


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The parameters of questions. Each question takes some of them: its file names them with macro `asked`."""

    site: str = ""
    """Only this site; empty: all."""
    days: Annotated[int, msgspec.Meta(ge=0)] = 7
    """Number of published days, counted from the last; 0: all. Without effect beside `first` or `last`."""
    first: date | None = None
    """Not before this day of the site's own; None: no bound."""
    last: date | None = None
    """Not after this day; None: no bound."""
    rows: Annotated[int, msgspec.Meta(ge=1)] = 20
    """Largest number of rows in a long answer."""
    page: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Which part of a long answer, each of `rows` rows; 1: the first."""
    sort: str = ""
    """The order of the answer, where a question offers several; its file names them."""
    ascending: bool = False
    """Whether the least value comes first."""
    interval: Interval = "all"
    """Rolling: the last 24 hours, 7 or 30 days, to the minute, instead of days; all: of the days."""
    user: str = ""
    """Only this user; empty: all."""
    community: str = ""
    """Only this community; empty: all."""
    channel: str = ""
    """Only sessions of this channel; empty: all."""
    path: str = ""
    """Only sessions that viewed the page of this path; empty: all."""
    device: str = ""
    """Only sessions on this type of device; empty: all."""
    country: str = ""
    """Only sessions from this country; empty: all."""
    dimension: Dimension = ""
    """By what visitors are told apart; empty: by nothing."""
    name: str = ""
    """Only events of this name; empty: all."""
    session: str = ""
    """Only this session; empty: all."""
    property: str = ""
    """A declared property of these events."""
    value: str = ""
    """Its value as text."""
    properties: str = "{}"
    """Values of further properties: an object of texts, as JSON."""
    since: Moment | None = None
    """Not before this moment; None: no bound."""
    until: Moment | None = None
    """Before this moment; None: no bound."""
    after_at: Moment | None = None
    """After the event of this time, the last of the page before; None: from the newest on."""
    after_session: str = ""
    """Session of that event."""
    after_position: int = 0
    """Its position there."""

    def __post_init__(self) -> None:
        """Refuse properties that are no object of texts."""
        try:
            msgspec.json.decode(self.properties, type=dict[str, str])
        except msgspec.DecodeError as error:
            raise ValueError(f"properties: {error}") from None


def questions() -> dict[str, str]:
    """List the questions.

    Returns:
        Name → what it asks, which is the first line of its file.
    """
    return _asking(FOLDER)


def contact_questions() -> dict[str, str]:
    """List the questions about contacts, which the analyst may not ask, as `questions` does."""
    return _asking(FOLDER / CONTACTS)


def _asking(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text().splitlines()[0].removeprefix("-- ") for path in sorted(folder.glob("*.sql"))}


def require_period(days: int | None, first: date | None, last: date | None) -> None:
    """Refuse days that do not fit together. None: not given.

    Raises:
        PeriodError: the last day is before the first, or days are counted as well as named.
    """
    if first and last and last < first:
        raise PeriodError("to", "it is before from: give the earlier day first")
    if days is not None and (first or last):
        raise PeriodError("days", "it goes with neither from nor to: choose one of the two ways")


def parameters(given: Mapping[str, Any]) -> Parameters:
    """Read parameters as a person writes them, `{"rows": "50"}`.

    Raises:
        QuestionError: there is no such parameter, it takes another kind of value, or days do not fit together.
    """
    known = Parameters.__struct_fields__
    for name in given:
        if name not in known:
            raise QuestionError(f"there is no variable {name}; {_near(name, known)}")
    try:
        asked = msgspec.convert(dict(given), Parameters, strict=False)
    except msgspec.ValidationError as error:
        wrong = _AT.search(str(error))
        name = wrong[1] if wrong else "properties"
        raise QuestionError(f"{name} takes {_TAKES.get(name, 'a text')}, not {given[name]!r}") from None
    require_period(asked.days if "days" in given else None, asked.first, asked.last)
    return asked


def require_taken(installation: Installation, question: str, names: Collection[str]) -> None:
    """Require that a question takes these variables: one that it does not know would change nothing.

    Raises:
        QuestionError: there is no such question, or it does not take one; it names those that it takes.
    """
    taken = for_psycopg(installation, question)[1]
    for name in names:
        if name not in taken:
            others = sorted(taken - {"site", "days", "first", "last"})
            raise QuestionError(f"{question} takes no {name}; its variables are: {', '.join(others) or 'none'}")


def _near(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(known)}"


def plain_sql(installation: Installation, name: str, asked: Parameters, include_today: bool = False) -> str:
    """Return the question as SQL for any client, its parameters written in.

    Raises:
        QuestionError: there is no such question.
    """
    compiled = _statement(installation, name, asked, include_today).compile(
        dialect=postgresql.dialect(),
        compile_kwargs={"literal_binds": True},
    )
    return str(compiled).replace("%%", "%")


def answer(
    installation: Installation, name: str, asked: Parameters, include_today: bool = False
) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """Ask a question as the analyst, `include_today`: of the marts with the open day.

    Returns:
        Names of the columns, and the rows, each a tuple in their order.

    Raises:
        QuestionError: there is no such question.
        MartMissing: a table that it reads is not there.
    """
    statement = _statement(installation, name, asked, include_today)
    with installation.engine_of(Role.ANALYST).connect() as connection:
        try:
            found = connection.execute(statement)
        except ProgrammingError as error:
            if isinstance(error.orig, UndefinedTable):
                raise MartMissing from error
            raise
        return list(found.keys()), [tuple(row) for row in found]


def today_as_of(installation: Installation) -> datetime | None:
    """Return the moment up to which loaded events are in the open day; None: it holds no more than the marts."""
    with installation.engine_of(Role.ANALYST).connect() as connection:
        return connection.scalar(text("select ops.today_as_of()"))


def for_psycopg(installation: Installation, name: str, include_today: bool = False) -> tuple[str, frozenset[str]]:
    """Return the question as psycopg takes it.

    Returns:
        SQL with `%(name)s` for each parameter, and the names of the parameters that it takes.

    Raises:
        QuestionError: there is no such question.
    """
    return to_psycopg(_text(installation, name, CONTACTS if name in contact_questions() else "", include_today))


def reads_days(installation: Installation, name: str) -> bool:
    """Whether a question reads published rows of days, and not what happens now or how the warehouse is."""
    return "marts." in _text(installation, name).replace('"', "")


def to_psycopg(sql: str) -> tuple[str, frozenset[str]]:
    """Return SQL whose parameters are written `:name` as psycopg takes it.

    Returns:
        SQL with `%(name)s` for each parameter, and the names of the parameters.
    """
    compiled = text(sql).compile(dialect=psycopg.dialect())
    return str(compiled), frozenset(compiled.params)


def days_asked_for(day: str) -> str:
    """Return the condition that a day is asked for, for SQL about one site: what macro `asked_for` is for questions."""
    first, last = "cast(:first as date)", "cast(:last as date)"
    published = "(select max(event_date) from marts.daily_stats where site_id = :site)"
    return (
        f"({first} is null or {day} >= {first}) and ({last} is null or {day} <= {last}) and (:days = 0"
        f" or coalesce({first}, {last}) is not null or {day} > (select coalesce({published}, current_date) - :days))"
    )


def _statement(installation: Installation, name: str, asked: Parameters, include_today: bool) -> TextClause:
    statement = text(_text(installation, name, include_today=include_today))
    values = msgspec.structs.asdict(asked)
    return statement.bindparams(**{key: values[key] for key in statement.compile().params})


def _text(installation: Installation, name: str, folder: str = "", include_today: bool = False) -> str:
    """Return the question as dbt compiled it after the last change of the project."""
    if name not in (known := _asking(FOLDER / folder)):
        near = nearest(name, known)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise QuestionError(f"no question is called {name}; {hint}`footfall ask` shows all")
    target = dbt.WITH_TODAY if include_today else dbt.PUBLISHED
    compiled = readers_manifest(installation, target).with_name("compiled")
    return (compiled / "footfall" / "analyses" / folder / f"{name}.sql").read_text().strip()
