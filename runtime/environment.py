"""The caller's environment: which variables stay out of Footfall, its connections and its children.

They mean other programs: how someone's psql connects, a shell's language, a proxy for the world outside, another dbt
project. Footfall behaves as if they were unset. What it needs itself comes from `runtime.settings`, and the modules
that call a program add it: `warehouse.postgres.connect`, `footfall.pipeline.dbt`, `footfall.stack.processes`.
"""

import locale
import os
import re
import sys
from collections.abc import Mapping

LIBPQ = re.compile(r"PG\w+")
"""PostgreSQL's own, all that libpq, its programs and its server read."""

FOREIGN = re.compile(
    rf"{LIBPQ.pattern}"
    r"|PSYCOPG_\w+|SQLALCHEMY_\w+"
    r"|LC_\w+|LANG|LANGUAGE|TZ|TZDIR"
    r"|\w*_PROXY|(?i:\w*_proxy)"
    r"|PYTHON\w+"
    r"|DBT_\w+|MF_\w+|METRICFLOW_\w+|DAGSTER_\w+|GX_\w+|ALEMBIC_\w+"
)
"""All that stay out."""


def without_foreign(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child, to which its caller adds what the child needs."""
    return {name: value for name, value in environment.items() if not FOREIGN.fullmatch(name)}


def drop(names: re.Pattern[str]) -> None:
    """Remove these variables from this process. Libraries written in C see that, too."""
    for name in [name for name in os.environ if names.fullmatch(name)]:
        del os.environ[name]


def begin() -> None:
    """Begin a command without foreign variables. It is started again if Python itself has already followed one.

    Python reads its own variables, and how text is encoded, before any code of ours runs.
    """
    before = dict(os.environ)
    drop(FOREIGN)
    followed = any(name.startswith("PYTHON") for name in before) or not _is_utf8()
    if followed and before != dict(os.environ):
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _is_utf8() -> bool:
    """Whether text is read and written in UTF-8, as it is where no language is set."""
    streams = [stream.encoding for stream in (sys.stdin, sys.stdout, sys.stderr) if stream]
    return {name.lower().replace("-", "") for name in (*streams, locale.getpreferredencoding(False))} == {"utf8"}
