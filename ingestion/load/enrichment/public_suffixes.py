"""The public suffix list as a table, from the snapshot of the library: the models find registered domains with it.

`co.uk` is a public suffix, `shop.co.uk` a registered domain; so is `shop.github.io`, of the private part of the list.
"""

from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, NamedTuple

from sqlalchemy import Connection, text


class Suffix(NamedTuple):
    """What the list says of one domain, in ASCII and small letters. `*.ck` is a wildcard of `ck`."""

    domain: str
    is_suffix: bool = False
    is_wildcard: bool = False
    """Whether everything directly below it is a suffix."""
    is_exception: bool = False
    """Whether it is none, although a wildcard says so."""
    is_private: bool = False
    """Whether it belongs to a company that gives its subdomains away, and to no registry."""


@cache
def list_version() -> str:
    """Return the version of the list."""
    return version("publicsuffixlist")


def suffixes() -> list[Suffix]:
    """Read the list."""
    found: dict[str, Suffix] = {}
    is_private = False
    for line in files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8").splitlines():
        if line.startswith("// ===BEGIN PRIVATE DOMAINS==="):
            is_private = True
        if not line.strip() or line.startswith("//"):
            continue
        rule = line.split()[0]
        domain = rule.removeprefix("*.").removeprefix("!").encode("idna").decode().lower()
        known = found.setdefault(domain, Suffix(domain, is_private=is_private))
        if rule.startswith("*."):
            found[domain] = known._replace(is_wildcard=True)
        elif rule.startswith("!"):
            found[domain] = known._replace(is_exception=True)
        else:
            found[domain] = known._replace(is_suffix=True)
    return list(found.values())


def store(connection: Connection) -> bool:
    """Store the list where the table holds another version of it; return whether it did."""
    if _is_stored(connection):
        return False
    connection.execute(text("lock table ops.public_suffixes in share row exclusive mode"))
    if _is_stored(connection):
        return False
    connection.execute(text("delete from ops.public_suffixes"))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"copy ops.public_suffixes ({', '.join(_COLUMNS)}) from stdin") as copy:
        for suffix in suffixes():
            copy.write_row((*suffix, list_version()))
    return True


_COLUMNS = (*Suffix._fields, "list_version")


def _is_stored(connection: Connection) -> bool:
    stored = connection.scalar(text("select list_version from ops.public_suffixes limit 1"))
    return stored == list_version()
