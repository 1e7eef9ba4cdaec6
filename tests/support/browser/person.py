"""A person with a browser, a site of their own and its pages. A scenario is what they do, then what marts say of it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ingestion.event.validate import LandedEvent
from tests.support.browser.devtools import Browser
from tests.support.browser.tab import CTRL, Tab
from tests.support.browser.website import BODY, PAGE, Answer, Website
from warehouse.access.sites import Identity


@dataclass
class Person:
    """What a scenario acts with. Its site is named as the scenario."""

    browser: Browser
    website: Website
    collector: str
    site: str
    key: str
    events: Callable[[], list[LandedEvent]]
    """The site's events that have landed by now."""
    attributes: str = ""
    """Further attributes of the script on pages that say nothing else."""
    tabs: list[Tab] = field(default_factory=list)
    name: str = "localhost"
    """What follows the site in its host. Pages of `localhost` are secure, those of `shop.example` are plain http."""

    def __post_init__(self) -> None:
        self.put_all()

    def meets(self, *faults: int) -> None:
        """Let posts go by the site's own server, where these faults happen to the first of them."""
        self.collector = self.origin
        self.website.faults[self.site] = list(faults)
        self.put_all()

    @property
    def origin(self) -> str:
        """Where the site's pages are."""
        return f"http://{self.site}.{self.name}:{self.website.port}"

    def script(self, attributes: str | None = None) -> str:
        """The script as a site's owner writes it."""
        chosen = self.attributes if attributes is None else attributes
        return f'<script src="{self.collector}/tracker.js" data-key="{self.key}" {chosen}></script>'

    def html(self, body: str = BODY, title: str = "Shop", head: str = "", script: str | None = None) -> str:
        """A page with the script at the end of its head."""
        return PAGE.format(title=title, head=head + (self.script() if script is None else script), body=body)

    def put(
        self, path: str, body: str = BODY, headers: dict[str, str] | None = None, status: int = 200, **page: str
    ) -> None:
        """Put a page on the site."""
        self.website.answers[self.site, path] = Answer(self.html(body, **page), headers or {}, status)

    def put_all(self, **page: str) -> None:
        """Put a page at all other paths."""
        self.website.defaults[self.site] = Answer(self.html(**page))

    def open(self, path: str = "/", behind: bool = False) -> Tab:
        """Open a page in a new tab, and be there when it is loaded; `behind`: without a look at it."""
        return self.open_url(f"{self.origin}{path}", behind)

    def open_url(self, url: str, behind: bool = False) -> Tab:
        """The same with a page of any name."""
        target = self.browser.command("Target.createTarget", url=url, forTab=True, background=behind)["targetId"]
        return self._has(Tab.attach(self.browser, target)).loaded()

    def open_window(self) -> Tab:
        """Open a small window with an empty page beside the one there is."""
        known = self.browser.command(
            "Target.createTarget", url="about:blank", forTab=True, newWindow=True, width=400, height=300
        )
        return self._has(Tab.attach(self.browser, known["targetId"]))

    def open_link_behind(self, tab: Tab, selector: str) -> Tab:
        """Click a link with the control key: its page opens in a tab behind this one."""
        known = set(self.browser.targets("tab"))
        tab.click(selector, CTRL)
        tab.wait(lambda: set(self.browser.targets("tab")) - known)
        (target,) = set(self.browser.targets("tab")) - known
        return self._has(Tab.attach(self.browser, target)).loaded()

    def _has(self, tab: Tab) -> Tab:
        self.tabs.append(tab)
        return tab

    def leave(self) -> None:
        """Close what is still open."""
        there = self.browser.targets("tab")
        for tab in self.tabs:
            if tab.target in there:
                tab.close()

    def sent(self, name: str) -> list[LandedEvent]:
        """The events of a name that have landed by now."""
        return [event for event in self.events() if event.event_name == name]

    def wait_for_events(self, name: str, count: int = 1, seconds: float = 30) -> None:
        """Wait until so many events of a name have landed."""
        deadline = time.monotonic() + seconds
        while (there := len(self.sent(name))) < count:
            assert time.monotonic() < deadline, f"{there} of {count} {name}"
            time.sleep(0.1)


@dataclass(frozen=True)
class Published:
    """What landed of a scenario's site, and what was published of it."""

    site: str
    events: list[LandedEvent]
    query: Callable[..., list[tuple]]

    def named(self, name: str) -> list[LandedEvent]:
        """The events of a name, in the order in which they happened."""
        return sorted((event for event in self.events if event.event_name == name), key=lambda event: event.occurred_at)

    def count(self, name: str) -> int:
        """How many events of a name there are."""
        return len(self.named(name))

    def properties(self, name: str) -> list[dict[str, Any]]:
        """The properties of the events of a name."""
        return [json.loads(bytes(event.properties)) for event in self.named(name)]

    def page_views(self, *columns: str) -> list[tuple]:
        """Columns of the site's page views, in the order in which they were entered."""
        return self._of("marts.page_views", columns, "entered_at, position")

    def sessions(self, *columns: str) -> list[tuple]:
        """Columns of the site's sessions, in the order in which they began."""
        return self._of("marts.sessions", columns, "started_at, session_id")

    def orders(self, *columns: str) -> list[tuple]:
        """Columns of the site's orders, by their ids."""
        return self._of("marts.orders", columns, "order_id")

    def live(self, *columns: str) -> list[tuple]:
        """Columns of the site's sessions that still went on when all had been done."""
        return self._of("live.active_sessions", columns, "started_at")

    def paths(self) -> list[str]:
        """The paths of its page views, in their order."""
        return [path for (path,) in self.page_views("page_path")]

    def engaged(self) -> dict[str, int]:
        """Engaged seconds of each path."""
        seconds: dict[str, int] = {}
        for path, engaged in self.page_views("page_path", "engaged_seconds"):
            seconds[path] = seconds.get(path, 0) + engaged
        return seconds

    def _of(self, table: str, columns: tuple[str, ...], order: str) -> list[tuple]:
        return self.query(
            f"select {', '.join(columns)} from {table} where site_id = :site order by {order}", site=self.site
        )


Act = Callable[[Person], Iterator[None]]
"""What a person does; then a `yield`, at which the night comes and which gives Published; then what must be so."""


@dataclass(frozen=True)
class Play:
    """A scenario before it is acted out."""

    act: Act
    seconds: float
    identity: Identity
    is_premise: bool

    @property
    def site(self) -> str:
        """Its site: its name as a label of a host."""
        return self.act.__name__.removeprefix("test_").replace("_", "-")[:63].rstrip("-")


def scenario(
    act: Act | None = None, *, seconds: float = 15, identity: Identity = "device", is_premise: bool = False
) -> Any:
    """Make a test of what a person does and what is published of it.

    All scenarios of a run are acted out first, several at a time, and published in one night.

    Args:
        act: what the person does, and what must be so.
        seconds: how long it takes; those that take longest begin first.
        identity: how the site knows devices.
        is_premise: whether all others test nothing where this one fails.
    """
    if act is None:
        return lambda given: scenario(given, seconds=seconds, identity=identity, is_premise=is_premise)

    play = Play(act, seconds, identity, is_premise)

    def test(browsed: Callable[[Play], None]) -> None:
        browsed(play)

    test.__name__, test.__doc__ = act.__name__, act.__doc__
    test.play = play
    return test


def near(seconds: Any) -> Any:
    """So many engaged seconds, give or take one."""
    return pytest.approx(seconds, abs=1)
