"""One mart as its yml decides it: its rows, whose they are, how long they stay, and what they may not hold.

The structs are the keys that a yml may use; a key that is missing, unknown or of another type is refused by its name.
`warehouse.tables.contracts` reads the yml. Privacy, retention and checks act on the decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from runtime.errors import FootfallError

_NUMBERS = ("smallint", "integer", "int", "bigint", "numeric", "decimal", "real", "double precision", "float")
_TEXTS = ("text", "character varying", "varchar", "json", "jsonb")

DAY = "event_date"
"""The column with the day that a row belongs to, in every mart whose rows have one: the day its session started."""


class ContractError(FootfallError):
    """A mart that has not decided about itself, or not soundly: which one, in which file, and the key."""


class ColumnMeta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `config.meta` of a column may say beside its type, description and constraints."""

    values: tuple[str, ...] = ()
    """The only values it may have."""
    range: tuple[int | float | None, int | float | None] = (0, None)
    """Least and greatest allowed value of a number; null: no limit. Without it a number is never below zero."""
    nulled_by: str | None = None
    """Retention policy after which the value becomes null and the row stays."""
    holds: Literal["visitor_hashes"] | None = None
    """`visitor_hashes`: a list of hashes of visitors, out of which an erasure takes those of the person."""


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The columns that say whose a row is: it names the user, or it names none and the device was the person's then.

    "then" is the moment in column `at`.
    """

    user: str | None = None
    device: str | None = None
    at: str | None = None
    """The moment for which the owner of the device is looked up."""
    owned_by_device: str | None = None
    """Where this column has a value, the row belongs to the device's owner at that moment; `user` is ignored."""

    def __post_init__(self) -> None:
        if not self.user and not self.device:
            raise ValueError("say `user`, `device` or both; a mart of figures says `people: none`")
        if bool(self.device) != bool(self.at):
            raise ValueError("`device` and `at` go together: a device belongs to one person after the other")


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which policy prunes which rows: one policy for all rows, one each for rows with and without a user, or none."""

    policy: str | None = None
    signed_in: str | None = None
    anonymous: str | None = None
    anonymous_at_most: str | None = None
    """Policy by which rows without a user may go earlier; where it keeps them 0 days, they are never published."""
    by: str | None = None
    """Column with the date or time from which the age of a row counts; default: the mart's day."""
    kept: str | None = None
    """Why no policy prunes it."""

    def __post_init__(self) -> None:
        said = (self.policy is not None, self.signed_in is not None and self.anonymous is not None, bool(self.kept))
        if sum(said) != 1 or bool(self.signed_in) != bool(self.anonymous):
            raise ValueError("say a policy, or `signed_in` and `anonymous`, or `kept` with the reason")
        if self.anonymous_at_most and not self.anonymous:
            raise ValueError("`anonymous_at_most` shortens `anonymous`: say both")


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in a daily mart that one person alone may have given, and the mart whose rows it counts.

    In the key, it names the rows that count it. As JSON, it lists names with their counts. Else it describes a row.
    """

    of: str
    """The mart of people whose rows are counted."""
    column: str | None = None
    """Its column with the text; default: the column of the same name."""
    listed_in: str | None = None
    """Its column with a JSON object of texts and counts, in place of `column`."""
    counted_by: str | None = None
    """Column of the daily mart with the count. Needed in the key."""
    missing: str | None = None
    """The word that stands for a missing text."""
    most: int = 100
    """Number of characters to which macro key_text cuts a text in the key."""


class Doubt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check of this mart alone: a name, a sentence that is true when it passes, a query for offending rows."""

    name: str
    claim: str
    query: str


class Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `config.meta` of a mart says. Keys without a default must be there."""

    primary_key: tuple[str, ...]
    replaced_keys: str
    people: People | Literal["none"]
    retention: Retention | str
    labels: dict[str, Label | Literal["harmless"]] = {}
    indexed_by: tuple[tuple[str, ...], ...] = ()
    headline: tuple[str, ...] = ()
    checks: tuple[Doubt, ...] = ()
    dagster: Any = None


@dataclass(frozen=True)
class Column:
    """One column of a mart."""

    name: str
    data_type: str
    description: str
    is_required: bool = False
    """Whether its contract says that it is never null."""
    rules: ColumnMeta = field(default_factory=ColumnMeta)

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self._kind in _NUMBERS

    @property
    def is_text(self) -> bool:
        """Whether it holds texts, alone or within JSON."""
        return self._kind in _TEXTS

    @property
    def is_json(self) -> bool:
        """Whether it holds JSON."""
        return self._kind in ("json", "jsonb")

    @property
    def _kind(self) -> str:
        return self.data_type.lower().partition("(")[0].strip()


@dataclass(frozen=True)
class Reference:
    """A mart to whose rows the rows of another belong, by columns that have the same names in both."""

    mart: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Mart:
    """One mart: `audit.<name>` is its candidate, `marts.<name>` is published."""

    name: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...]
    replaced_keys: str
    """Relation in `intermediate` whose rows say which published rows the candidate replaces."""
    retention: Retention
    people: People | None = None
    """The columns that say whose its rows are; None where its rows are figures."""
    labels: Mapping[str, Label] = field(default_factory=dict)
    """Column → text in figures that may name one person."""
    headline: tuple[str, ...] = ()
    """Counts by site and day that people quote: a publication records when they change later."""
    checks: tuple[Doubt, ...] = ()
    belongs_to: tuple[Reference, ...] = ()
    """What its data tests `belongs_to` say."""

    @property
    def relation(self) -> str:
        """The published table, with its schema."""
        return f"marts.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def has_day(self) -> bool:
        """Whether a row belongs to a day, in column `event_date`; else it covers a visitor's whole history."""
        return DAY in self.column_names

    @property
    def figures(self) -> tuple[str, ...]:
        """Columns that count or measure: numbers that are no part of the key."""
        return tuple(each.name for each in self.columns if each.is_number and each.name not in self.primary_key)

    @property
    def hashes_of_visitors(self) -> tuple[str, ...]:
        """Columns with lists of hashes of visitors."""
        return tuple(each.name for each in self.columns if each.rules.holds == "visitor_hashes")

    @property
    def descriptions(self) -> dict[str, str]:
        """Column → description; '' stands for the table."""
        return {"": self.description} | {column.name: column.description for column in self.columns}

    @property
    def policies(self) -> set[str]:
        """The retention policies that it follows."""
        rule = self.retention
        named = (rule.policy, rule.signed_in, rule.anonymous, rule.anonymous_at_most)
        return {policy for policy in (*named, *(column.rules.nulled_by for column in self.columns)) if policy}
