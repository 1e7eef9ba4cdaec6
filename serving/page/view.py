"""What the address of a page says: the site, the days, and what is filtered. Pure: address in, address out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from footfall.answers.questions import Parameters, PeriodError, require_period
from serving.api.problem import bad_parameter

FILTERS = ("channel", "path", "device", "country")
"""Parameters that narrow every question that takes them."""
DAYS = 7
"""The last so many published days, where an address says nothing."""
MOST_LETTERS = 600
_MOST_DAYS = 36_500


@dataclass(frozen=True)
class View:
    """A page of a site, on some days, filtered. `first` and `last` are set once the published days are known."""

    site: str
    page: str
    days: int | None = None
    """The last so many published days, 0: all; None where the address names days."""
    first: date | None = None
    last: date | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    """What the page takes beside, such as the order of its rows."""
    base: str = ""
    """The address of a shared page, which leads to no other; empty: of any other page."""
    written: Mapping[str, str] = field(default_factory=dict)
    """The parameters as they stand in the address."""

    def address(self, page: str = "", /, **changed: object) -> str:
        """Return the address with other parameters: a value or None to leave it out. `page`: of another page.

        A shared page leads to no other: empty.
        """
        if self.base:
            return ""
        if changed.keys() & {"first", "last", "days"}:
            changed = {"from": changed.pop("first", None), "to": changed.pop("last", None), "days": None} | changed
        elif page:
            changed |= dict.fromkeys(self.others)
        given = {name: value for name, value in {**self.written, **changed}.items() if value not in (None, "")}
        path = f"/sites/{quote(self.site)}/{page or self.page}"
        return f"{path}?{urlencode(given)}" if given else path

    def at(self, base: str) -> "View":
        """Return the view as that of a shared page at this address."""
        return replace(self, base=base)

    def resolved(self, first_published: date | None, last_published: date | None) -> "View":
        """Return the view with both of its days, given those that are published."""
        last = self.last or last_published or self.first or date.today()
        first = self.first
        if first is None:
            of_number = last - timedelta(self.days - 1) if self.days else None
            first = of_number or min(first_published or last, last)
        return replace(self, first=first, last=max(first, last))

    @property
    def chosen(self) -> dict[str, str]:
        """What narrows the page, by parameter: filters, and what it takes beside but for the order of its rows."""
        order = ("sort", "ascending", "page")
        return {**self.filters, **{name: value for name, value in self.others.items() if name not in order}}

    @property
    def number(self) -> int:
        """How many days there are."""
        assert self.first
        assert self.last
        return (self.last - self.first).days + 1

    @property
    def dates(self) -> list[date]:
        """Its days in order."""
        assert self.first
        return [self.first + timedelta(number) for number in range(self.number)]

    def before(self) -> "View":
        """Return the view of as many days right before."""
        assert self.first
        return replace(self, first=self.first - timedelta(self.number), last=self.first - timedelta(1))

    def parameters(self, takes: frozenset[str], given: Mapping[str, Any]) -> Parameters:
        """Return the parameters of a question that takes these.

        Raises:
            Problem: a value does not fit.
        """
        asked: dict[str, Any] = {name: value for name, value in self.filters.items() if name in takes}
        if "first" in takes:
            asked |= {"days": 0, "first": self.first, "last": self.last}
        try:
            return msgspec.convert({"site": self.site, **asked, **given}, Parameters, strict=False)
        except msgspec.ValidationError as error:
            raise bad_parameter("parameters", str(error)) from None

    def api(self, question: str, takes: frozenset[str], given: Mapping[str, Any]) -> str:
        """Return the address of a question's rows as CSV, for programs too."""
        days = {"from": self.first, "to": self.last} if "first" in takes else {}
        narrowed = {name: value for name, value in self.filters.items() if name in takes and value}
        query = urlencode({**days, **narrowed, **given, "format": "csv"})
        return f"/v1/sites/{quote(self.site)}/questions/{question}?{query}"


def read_view(site: str, page: str, given: Mapping[str, str], others: frozenset[str] = frozenset()) -> View:
    """Read the parameters of an address. `others` are those that the page takes beside days and filters.

    Raises:
        Problem: there is no such parameter, or a value does not fit.
    """
    known = {"from", "to", "days", *FILTERS, *others}
    for name, value in given.items():
        if name not in known:
            raise bad_parameter(name, f"there is no such parameter; there is {', '.join(sorted(known))}")
        if len(value) > MOST_LETTERS or "\0" in value:
            raise bad_parameter(name, f"it has more than {MOST_LETTERS} letters, or one that is none")
    first, last, days = _day(given, "from"), _day(given, "to"), _number(given)
    try:
        require_period(days, first, last)
    except PeriodError as error:
        raise bad_parameter(error.parameter, error.reason) from None
    return View(
        site,
        page,
        None if first or last else DAYS if days is None else days,
        first,
        last,
        {name: given[name] for name in FILTERS if given.get(name)},
        {name: given[name] for name in others if given.get(name)},
        written={name: value for name, value in given.items() if value},
    )


def _day(given: Mapping[str, str], name: str) -> date | None:
    written = given.get(name)
    if not written:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written, re.ASCII):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise bad_parameter(name, "write it as 2026-11-30")


def _number(given: Mapping[str, str]) -> int | None:
    written = given.get("days")
    if not written:
        return None
    if not re.fullmatch(r"\d{1,5}", written, re.ASCII) or int(written) > _MOST_DAYS:
        raise bad_parameter("days", f"it is a number up to {_MOST_DAYS}")
    return int(written)
