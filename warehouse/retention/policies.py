"""How long each kind of data is kept: the policies of `ops.retention_policies`. Prunes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.tables.decisions import Mart


class RetentionError(FootfallError):
    """A policy or a clock that cannot be right."""


@dataclass(frozen=True)
class Policy:
    """How long one kind of data is kept; None: for ever."""

    name: str
    keep_days: int | None
    description: str


def list_policies(connection: Connection) -> list[Policy]:
    """All policies by name."""
    rows = connection.execute(text("select policy, keep_days, description from ops.retention_policies order by policy"))
    return [Policy(row.policy, row.keep_days, row.description) for row in rows]


def require_policies(connection: Connection, marts: Iterable[Mart]) -> None:
    """Refuse marts that follow an unknown policy: nothing would ever prune them.

    Raises:
        RetentionError: one does; the message names the mart and the known policies.
    """
    known = {policy.name for policy in list_policies(connection)}
    for mart in marts:
        if unknown := sorted(mart.policies - known):
            raise RetentionError(
                f"mart {mart.name}: config.meta.retention follows {', '.join(unknown)}, which is no policy; there are"
                f" {', '.join(sorted(known))}"
            )


def set_policy(connection: Connection, name: str, keep_days: int | None) -> None:
    """Change how long something is kept.

    Raises:
        RetentionError: no such policy, or less than a day.
    """
    if keep_days is not None and keep_days < 1:
        raise RetentionError("keep at least 1 day, or never prune: DAYS is a whole number from 1, or `never`")
    changed = connection.execute(
        text("update ops.retention_policies set keep_days = :keep_days where policy = :name"),
        {"name": name, "keep_days": keep_days},
    ).rowcount
    if not changed:
        known = ", ".join(policy.name for policy in list_policies(connection))
        raise RetentionError(f"there is no policy {name}; there are {known}")
