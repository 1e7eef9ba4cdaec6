"""The ready questions in `dbt_project/analyses/`, and their answers from the published marts, or with the open day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from psycopg.errors import UndefinedTable
from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.exc import ProgrammingError

from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation, readers_manifest
from runtime.errors import FootfallError
from warehouse.postgres.roles import Role

FOLDER = dbt.PROJECT_DIR / "analyses"


class QuestionError(FootfallError):
    """A question that does not exist, or a parameter that does not fit."""


class NothingPublished(FootfallError):
    """No mart is published yet."""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of questions. Each question takes some of them: its file names them with macro `asked`."""

    site: str = ""
    """Only this site; empty: all."""
    days: Annotated[int, msgspec.Meta(ge=0)] = 7
    """Number of published days, counted from the last; 0: all."""
    rows: Annotated[int, msgspec.Meta(ge=1)] = 20
    """Largest number of rows in a long answer."""
    page: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Which part of a long answer, each of `rows` rows; 1: the first."""
    sort: str = ""
    """The order of the answer, where a question offers several; its file names them."""
    ascending: bool = False
    """Whether the least value comes first."""


def questions() -> dict[str, str]:
    """List the questions.

    Returns:
        Name → what it asks, which is the first line of its file.
    """
    return {path.stem: path.read_text().splitlines()[0].removeprefix("-- ") for path in sorted(FOLDER.glob("*.sql"))}


def parameters(given: Mapping[str, Any]) -> Parameters:
    """Read parameters as a person writes them, `{"rows": "50"}`.

    Raises:
        QuestionError: there is no such parameter, or it takes another kind of value.
    """
    try:
        return msgspec.convert(dict(given), Parameters, strict=False)
    except msgspec.ValidationError as error:
        known = ", ".join(f"{name}={value!r}" for name, value in msgspec.structs.asdict(Parameters()).items())
        raise QuestionError(f"{error}. Questions take, with these defaults: {known}") from None


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
        NothingPublished: no mart is published yet.
    """
    statement = _statement(installation, name, asked, include_today)
    with installation.engine_of(Role.ANALYST).connect() as connection:
        try:
            found = connection.execute(statement)
        except ProgrammingError as error:
            if isinstance(error.orig, UndefinedTable):
                raise NothingPublished("nothing is published yet; `footfall nightly` does it") from error
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
    compiled = _statement(installation, name, Parameters(), include_today).compile(dialect=psycopg.dialect())
    return str(compiled), frozenset(compiled.params)


def _statement(installation: Installation, name: str, asked: Parameters, include_today: bool) -> TextClause:
    """Return the question as dbt compiled it after the last change of the project, bound to its parameters."""
    if name not in questions():
        raise QuestionError(f"no question is called {name}; `footfall ask` shows all")
    target = dbt.WITH_TODAY if include_today else dbt.PUBLISHED
    folder = readers_manifest(installation, target).with_name("compiled")
    statement = text((folder / "footfall" / "analyses" / f"{name}.sql").read_text().strip())
    values = msgspec.structs.asdict(asked)
    return statement.bindparams(**{key: values[key] for key in statement.compile().params})
