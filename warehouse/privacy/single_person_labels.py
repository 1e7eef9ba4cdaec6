"""Labels of daily figures that only one person gave: a path that only this person saw, an event that no other sent.

Where the day is built again they disappear by themselves. Where its raw events are gone, a row or an entry that counts
only this person is deleted; all other figures of the day stay. The marts' yml names the labels and what they count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from warehouse.tables.decisions import DAY, Label, Mart

UNKNOWN = "(unknown)"
"""Stands for a missing text in a key, unless the label names another word."""


@dataclass(frozen=True)
class RowLabels:
    """The labels in the key of a daily mart. Together they name a row, deleted if it counts only the person."""

    mart: Mart
    counted: Mart
    """The mart whose rows are counted."""
    labels: Mapping[str, Label]
    figure: str
    """Column of the daily mart with the count."""

    @property
    def name(self) -> str:
        """What the place is called."""
        return self.mart.relation

    def rows(self, of_person: str) -> str:
        """Return a query for the rows that count only the person."""
        return f"select r.* from {self.mart.relation} r join ({self._given(of_person)}) p on {self._match}"

    def delete(self, of_person: str) -> str:
        """Return the statement that deletes these rows."""
        return f"delete from {self.mart.relation} r using ({self._given(of_person)}) p where {self._match}"

    def _given(self, of_person: str) -> str:
        names = ", ".join(f"{_key_text(column, label)} as {column}" for column, label in self.labels.items())
        by = ", ".join(str(number) for number in range(1, len(self.labels) + 3))
        listed = next((label.listed_in for label in self.labels.values() if label.listed_in), None)
        unfolded = f"cross join lateral jsonb_each_text(r.{listed}) listed (name, count)" if listed else ""
        count = "sum(listed.count::bigint)" if listed else "count(*)"
        return (
            f"select r.site_id, r.{DAY}, {names}, {count} as counted"
            f" from {self.counted.relation} r {unfolded} where {of_person}{_no_robots(self.counted)} group by {by}"
        )

    @property
    def _match(self) -> str:
        labels = "".join(f" and r.{column} = p.{column}" for column in self.labels)
        return f"{_same_day(self.mart)}{labels} and r.{self.figure} = p.counted"


@dataclass(frozen=True)
class ListLabel:
    """A JSON list in a daily mart with one row a day. Each entry is a name and the number of rows that gave it."""

    mart: Mart
    counted: Mart
    column: str
    label: Label

    @property
    def name(self) -> str:
        """What the place is called."""
        return f"{self.mart.relation}.{self.column}"

    def rows(self, of_person: str) -> str:
        """Return a query for the days and names that count only the person."""
        return (
            f"{self._with(of_person)} select r.site_id, r.{DAY}, p.names from {self.mart.relation} r"
            f" join gone p on {_same_day(self.mart)}"
        )

    def delete(self, of_person: str) -> str:
        """Return the statement that removes these names."""
        is_required = any(column.is_required for column in self.mart.columns if column.name == self.column)
        without = "'[]'" if is_required else "null"
        return (
            f"{self._with(of_person)} update {self.mart.relation} r set {self.column} = (select"
            f" coalesce(jsonb_agg(entry order by place), {without}) from jsonb_array_elements(r.{self.column})"
            " with ordinality listed (entry, place) where not p.names ? (entry ->> 'name'))"
            f" from gone p where {_same_day(self.mart)}"
        )

    def _with(self, of_person: str) -> str:
        said = f"r.{self.label.column or self.column}"
        said = said if self.label.missing is None else f"coalesce({said}, '{_quoted(self.label.missing)}')"
        return (
            f"with given as (select r.site_id, r.{DAY}, {said} as name, count(*) as counted"
            f" from {self.counted.relation} r where {of_person}{_no_robots(self.counted)} group by 1, 2, 3),"
            f" gone as (select p.site_id, p.{DAY}, jsonb_agg(p.name order by p.name) as names"
            f" from {self.mart.relation} r join given p on {_same_day(self.mart)}"
            f" cross join lateral jsonb_array_elements(r.{self.column}) entry"
            " where entry ->> 'name' = p.name and (entry ->> 'count')::bigint = p.counted group by 1, 2)"
        )


@dataclass(frozen=True)
class DetailLabel:
    """A text beside the key, the greatest that was given. In a row that counts others too, it may be this person's."""

    mart: Mart
    counted: Mart
    column: str
    label: Label
    in_key: Mapping[str, Label]

    @property
    def name(self) -> str:
        """What the place is called."""
        return f"{self.mart.relation}.{self.column}"

    def rows(self, of_person: str) -> str:
        """Return a query for the keys and texts of the rows that the person shares with others."""
        columns = ", ".join(f"r.{column}" for column in (*self.mart.primary_key, self.column))
        return f"{self._with(of_person)} select {columns} from {self.mart.relation} r join details p on {self._match}"

    def delete(self, of_person: str) -> str:
        """Return the statement that replaces the text by the greatest that the others gave."""
        return (
            f"{self._with(of_person)} update {self.mart.relation} r set {self.column} = p.given_by_others"
            f" from details p where {self._match}"
        )

    @property
    def _match(self) -> str:
        key = "".join(f" and r.{column} = p.{column}" for column in self.in_key)
        given = f"r.{self.column} = p.given and p.given is distinct from p.given_by_others"
        return f"{_same_day(self.mart)}{key} and {given}"

    def _with(self, of_person: str) -> str:
        key = "".join(f", {_key_text(column, label)} as {column}" for column, label in self.in_key.items())
        names = "".join(f", {column}" for column in self.in_key)
        return (
            f"with counted as (select r.site_id, r.{DAY}{key},"
            f" r.{self.label.column or self.column} as detail, ({of_person}) is true as is_of_person"
            f" from {self.counted.relation} r where r.site_id = :site{_no_robots(self.counted)}),"
            f" details as (select site_id, {DAY}{names}, max(detail) as given,"
            " max(detail) filter (where not is_of_person) as given_by_others from counted"
            f" group by site_id, {DAY}{names} having bool_or(is_of_person) and not bool_and(is_of_person))"
        )


def single_person_labels(mart: Mart, marts: Mapping[str, Mart]) -> Iterator[RowLabels | ListLabel | DetailLabel]:
    """Give the labels of a mart that are counted from `marts`; first those that name whole rows."""
    known = {column: label for column, label in mart.labels.items() if label.of in marts}
    in_key = {column: label for column, label in known.items() if column in mart.primary_key}
    for label in list(in_key.values())[:1]:
        yield RowLabels(mart, marts[label.of], in_key, label.counted_by or "")
    is_json = {column.name: column.is_json for column in mart.columns}
    for column, label in known.items():
        if column not in in_key and is_json[column]:
            yield ListLabel(mart, marts[label.of], column, label)
        elif column not in in_key:
            yield DetailLabel(mart, marts[label.of], column, label, in_key)


def _key_text(column: str, label: Label) -> str:
    """Return the SQL of the text as macro `key_text` puts it into a key."""
    if label.listed_in:
        return "listed.name"
    missing = UNKNOWN if label.missing is None else label.missing
    return f"left(coalesce(nullif(r.{label.column or column}, ''), '{_quoted(missing)}'), {label.most})"


def _same_day(mart: Mart) -> str:
    return f"r.site_id = p.site_id and r.{DAY} = p.{DAY}"


def _no_robots(counted: Mart) -> str:
    return " and not r.is_bot" if "is_bot" in counted.column_names else ""


def _quoted(literal: str) -> str:
    return literal.replace("'", "''").replace(":", r"\:")
