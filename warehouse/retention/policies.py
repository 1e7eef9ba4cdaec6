"""How long each kind of data is kept: the policies of `ops.retention_policies`. Prunes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.tables.decisions import Mart

Kind = Literal["anonymous", "signed_in"]
"""Whose data: a signed-in person's, or that of anonymous people. In the table, `all` stands for both."""

ALL = "all"


class RetentionError(FootfallError):
    """A policy or a clock that cannot be right."""


@dataclass(frozen=True)
class Policy:
    """How long one kind of data is kept; None: for ever."""

    name: str
    keep_days: int | None
    description: str
    kind: str = ALL


@dataclass(frozen=True)
class Due:
    """What a policy prunes: all that is older than one day, and what is of one kind of people up to a later day."""

    before: date | None = None
    """First day of which something is kept; None: something is kept of all days."""
    kind: Kind | None = None
    kind_before: date | None = None
    """First day of which that kind is kept."""


def list_policies(connection: Connection) -> list[Policy]:
    """All policies by name; one that separates kinds of people is there once for each kind."""
    rows = connection.execute(
        text("select policy, keep_days, description, kind from ops.retention_policies order by policy, kind")
    )
    return [Policy(row.policy, row.keep_days, row.description, row.kind) for row in rows]


def due_by(policies: Iterable[Policy], today: date) -> dict[str, Due]:
    """Return what each policy prunes today.

    Returns:
        Name of the policy → what is due. A policy that keeps everything is left out.
    """
    kept: dict[str, dict[str, date]] = defaultdict(dict)
    for policy in policies:
        if policy.keep_days is not None:
            kept[policy.name][policy.kind] = today - timedelta(days=policy.keep_days)
    return {name: _due(kinds) for name, kinds in kept.items()}


def _due(first_kept: Mapping[str, date]) -> Due:
    if ALL in first_kept:
        return Due(first_kept[ALL])
    anonymous, signed_in = first_kept.get("anonymous"), first_kept.get("signed_in")
    if anonymous and signed_in:
        before = min(anonymous, signed_in)
        if anonymous == signed_in:
            return Due(before)
        return Due(before, "anonymous", anonymous) if anonymous > signed_in else Due(before, "signed_in", signed_in)
    return Due(None, "anonymous", anonymous) if anonymous else Due(None, "signed_in", signed_in)


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


def set_policy(connection: Connection, name: str, keep_days: int | None, kind: str | None = None) -> None:
    """Change how long something is kept, of one kind of people or (without `kind`) of all that the policy is about.

    Raises:
        RetentionError: no such policy, or not for that kind; or fewer days than it allows.
    """
    rows = connection.execute(
        text("select kind, least_days from ops.retention_policies where policy = :name order by kind"), {"name": name}
    ).all()
    if not rows:
        known = ", ".join(sorted({policy.name for policy in list_policies(connection)}))
        raise RetentionError(f"there is no policy {name}; there are {known}")
    kinds = [row.kind for row in rows]
    if kind and kind not in kinds:
        raise RetentionError(
            f"policy {name} does not separate kinds of people: leave out --kind"
            if kinds == [ALL]
            else f"policy {name} has no kind {kind!r}; it has {' and '.join(kinds)}"
        )
    least = max(row.least_days for row in rows)
    if keep_days is not None and keep_days < least:
        raise RetentionError(
            f"keep at least {least} day{'' if least == 1 else 's'}, or never prune: DAYS is a whole number from"
            f" {least}, or `never`"
        )
    connection.execute(
        text(
            "update ops.retention_policies set keep_days = :keep_days"
            " where policy = :name and kind = coalesce(cast(:kind as text), kind)"
        ),
        {"name": name, "keep_days": keep_days, "kind": kind},
    )
