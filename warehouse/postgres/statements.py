"""Long statements, each in a `.sql` file beside the module that runs it, where the SQL linter reads it.

Values are parameters, `:name`. What PostgreSQL takes no parameter for, such as a relation, is a part in braces.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text


@cache
def statement(module: str, name: str, **parts: str) -> TextClause:
    """The statement in `<name>.sql` beside a module, `__file__`, with SQL of ours for its parts."""
    content = Path(module).with_name(f"{name}.sql").read_text()
    for part, sql in parts.items():
        content = content.replace(f"{{{part}}}", sql)
    return text(content)
