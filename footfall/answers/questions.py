"""The ready questions in `dbt_project/analyses/`: which there are, and their answers from what is published."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg.errors import UndefinedTable
from sqlalchemy.exc import ProgrammingError

from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation
from runtime.errors import FootfallError
from warehouse.postgres.roles import Role

FOLDER = dbt.PROJECT_DIR / "analyses"


class UnknownQuestion(FootfallError):
    """There is no such question."""


class NothingPublished(FootfallError):
    """There are no marts yet to ask."""


def questions() -> dict[str, str]:
    """Each question's name and what it asks: the first line of its file."""
    return {path.stem: path.read_text().splitlines()[0].removeprefix("-- ") for path in sorted(FOLDER.glob("*.sql"))}


def compiled(installation: Installation, name: str, variables: Mapping[str, str]) -> Path:
    """The question as plain SQL, with these variables in place of their defaults.

    Raises:
        UnknownQuestion: there is no such file.
    """
    if name not in questions():
        raise UnknownQuestion(f"no question is called {name}; `footfall ask` shows all")
    analyst = installation.database.roles[Role.ANALYST]
    dbt.run(
        installation.settings,
        analyst,
        *("compile", "--select", f"path:analyses/{name}.sql", "--vars", json.dumps(dict(variables))),
        target=dbt.PUBLISHED,
        parsed=dbt.parsed(installation.settings, analyst, dbt.PUBLISHED),
    )
    return dbt.target_path(installation.settings, dbt.PUBLISHED) / "compiled" / "footfall" / "analyses" / f"{name}.sql"


def answer(installation: Installation, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of a query, as the analyst reads them.

    Raises:
        NothingPublished: not a single night has been.
    """
    with installation.engine_of(Role.ANALYST).connect() as connection:
        try:
            found = connection.exec_driver_sql(query.replace("%", "%%"))
        except ProgrammingError as error:
            if isinstance(error.orig, UndefinedTable):
                raise NothingPublished("nothing is published yet; `footfall nightly` does it") from error
            raise
        return list(found.keys()), [tuple(row) for row in found]
