"""One session while it is being made: its events, its clock, the page it is on. Decides nothing by itself."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from footfall.simulator.people import Device, Person, make_uuid

MINUTE = 60_000


class Page(NamedTuple):
    """A page of a site."""

    url: str
    title: str
    page_type: str
    identifier: str | None = None


class Traffic(NamedTuple):
    """Where a session comes from, in the words of reports."""

    channel: str
    source: str
    medium: str
    campaign: str
    referrer_host: str


DIRECT = Traffic("Direct", "(direct)", "(none)", "(none)", "(none)")


@dataclass
class Session:
    """One session as it was made: the truth about it."""

    site: str
    device: Device
    start_cause: str
    day: str = ""
    """The day of its start, by the site's clock."""
    traffic: Traffic = DIRECT
    events: list[dict[str, Any]] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    """Milliseconds since 1970 of each event, in the same order as `events`."""

    @property
    def id(self) -> str:
        """The id of its first event, which names the session."""
        return self.in_order()[0][1]["event_id"]

    @property
    def visitor_id(self) -> str:
        """The device, or the user where no device is known."""
        return self.device.anonymous_id or f"user:{self.user_id}"

    @property
    def user_id(self) -> str | None:
        """The user who is signed in at any moment of it. A session has at most one user."""
        return next((event["user_id"] for event in self.events if "user_id" in event), None)

    def in_order(self) -> list[tuple[int, dict[str, Any]]]:
        """Return its events in order of time: at one instant page views first, ends last, then by event id.

        Returns:
            Pairs of milliseconds since 1970 and the event.
        """
        ranks = {"page_viewed": 0, "session_ended": 2, "user_signed_out": 2}
        return sorted(
            zip(self.times, self.events, strict=True),
            key=lambda moment: (moment[0], ranks.get(moment[1]["event_name"], 1), moment[1]["event_id"]),
        )

    def cut_at(self, instant: int) -> None:
        """Drop the events at `instant` or later."""
        kept = sum(at < instant for at in self.times)
        del self.events[kept:], self.times[kept:]


class Recorder:
    """Records a session event by event, and moves its clock."""

    def __init__(self, session: Session, random: Random, now: int) -> None:
        self.session = session
        self.device = session.device
        self.random = random
        self.now = now
        self._page: dict[str, Any] = {}
        screen = session.device.browser.screen
        self._fixed = {
            "anonymous_id": session.device.anonymous_id,
            # Short on purpose: client session ids repeat across people.
            "session_id": f"s{random.randrange(5000)}",
            "screen_width": screen[0] if screen else None,
            "screen_height": screen[1] if screen else None,
        }
        self._fixed = {name: value for name, value in self._fixed.items() if value is not None}

    def wait(self, low_seconds: float, high_seconds: float) -> None:
        """Let a random time pass, to the millisecond."""
        self.now += self.random.randint(int(low_seconds * 1000), int(high_seconds * 1000))

    def wait_exactly(self, milliseconds: int) -> None:
        """Let exactly this time pass."""
        self.now += milliseconds

    def resume_after(self, milliseconds: int) -> None:
        """Set the clock to exactly this time after the last event, and ignore waits since."""
        self.now = self.session.times[-1] + milliseconds

    def view(self, page: Page, referrer: str | None = None, query: str = "") -> None:
        """Open a page; without a referrer from outside, the page before it is the referrer."""
        referrer = referrer or self._page.get("page_url")
        self._page = {
            "page_url": page.url + query,
            "page_title": page.title,
            "page_type": page.page_type,
            "page_identifier": page.identifier,
            "referrer": referrer,
        }
        self._page = {name: value for name, value in self._page.items() if value is not None}
        self.note("page_viewed")
        self._page["page_view_id"] = self.session.events[-1]["page_view_id"]

    def note(self, event_name: str, **properties: Any) -> None:
        """Record an event now, on the page being viewed."""
        seconds, milliseconds = divmod(self.now, 1000)
        stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        event = {
            "event_id": make_uuid(self.random),
            "event_name": event_name,
            "client_timestamp": f"{stamp}.{milliseconds:03d}Z",
            **self._fixed,
            **self._page,
        }
        if event_name == "page_viewed":
            event["page_view_id"] = event["event_id"]
        if self.device.user:
            event["user_id"] = self.device.user.user_id
        if event_name == "payment_failed":
            # A shop that watches its payments calls this an error, whatever the name's default category.
            event["event_category"] = "error"
        if properties:
            event["properties"] = properties
        self.session.events.append(event)
        self.session.times.append(self.now)

    def sign_in(self, person: Person) -> None:
        """Sign a person in on this device; all that follows carries the user id."""
        self.device.user = person
        self.note("user_signed_in" if person.signed_up else "user_signed_up")
        person.signed_up = True
        self.wait(0.01, 0.5)
        self.note("user_identified", email=person.email, name=person.name)

    def sign_out(self) -> None:
        """Sign the user out: the last event of the session, still carrying the user id."""
        if self.random.random() < 0.5:
            self.note("user_signed_out")
        else:
            self.note("session_ended", reason="sign_out")
        self.device.user = None
