"""Long statements, each in a `.sql` file beside the module that runs it, where the SQL linter reads it.

Values are parameters, `:name`. Where PostgreSQL takes no parameter, such as for a relation, a part in braces stands.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text


@cache
def statement(module: str, name: str, **parts: str) -> TextClause:
    """Return the statement in `<name>.sql` beside `module`, a `__file__`, with SQL for its parts in braces."""
    content = Path(module).with_name(f"{name}.sql").read_text()
    for part, sql in parts.items():
        content = content.replace(f"{{{part}}}", sql)
    return text(content)
