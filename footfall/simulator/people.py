"""Who comes by: browsers, bots, people and the devices they hold. Knows nothing of sites, pages or time."""

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from footfall.simulator.purchase import Purchase


class Browser(NamedTuple):
    """What a device reports about itself."""

    kind: str | None
    name: str
    os: str | None
    user_agent: str
    screen: tuple[int, int] | None
    is_bot: bool = False


_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version"
_MAC = "Macintosh; Intel Mac OS X 10_15_7"
_WINDOWS = "Windows NT 10.0; Win64; x64"

BROWSERS = (
    Browser(
        "desktop", "Chrome", "Windows", f"Mozilla/5.0 ({_WINDOWS}) {_CHROME}/142.0.0.0 Safari/537.36", (1920, 1080)
    ),
    Browser(
        "desktop",
        "Edge",
        "Windows",
        f"Mozilla/5.0 ({_WINDOWS}) {_CHROME}/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        (1536, 864),
    ),
    Browser("desktop", "Safari", "Mac OS X", f"Mozilla/5.0 ({_MAC}) {_SAFARI}/26.1 Safari/605.1.15", (1440, 900)),
    Browser(
        "desktop",
        "Firefox",
        "Linux",
        "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
        (2560, 1440),
    ),
    Browser(
        "mobile",
        "Chrome Mobile",
        "Android",
        f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME}/142.0.0.0 Mobile Safari/537.36",
        (412, 915),
    ),
    Browser(
        "mobile",
        "Mobile Safari",
        "iOS",
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) {_SAFARI}/26.1 Mobile/15E148 Safari/604.1",
        (393, 852),
    ),
    Browser(
        "mobile",
        "Firefox Mobile",
        "Android",
        "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0",
        (384, 832),
    ),
    Browser(
        "tablet",
        "Mobile Safari",
        "iOS",
        f"Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) {_SAFARI}/17.7 Mobile/15E148 Safari/604.1",
        (820, 1180),
    ),
    Browser(
        "tablet",
        "Chrome",
        "Android",
        f"Mozilla/5.0 (Linux; Android 14; SM-X910) {_CHROME}/142.0.0.0 Safari/537.36",
        (1848, 2960),
    ),
)
BROWSER_WEIGHTS = (22, 8, 9, 4, 25, 20, 3, 6, 3)

BOTS = tuple(
    Browser(None, name, None, user_agent, None, is_bot=True)
    for name, user_agent in (
        ("Googlebot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        ("bingbot", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
        ("AhrefsBot", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
        (
            "GPTBot",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        ),
    )
)

_FIRST_NAMES = (
    "Ada",
    "Bela",
    "Chika",
    "Dario",
    "Emre",
    "Freya",
    "Goran",
    "Hana",
    "Ines",
    "Jonas",
    "Kaja",
    "Luis",
)
_LAST_NAMES = (
    "Abel",
    "Brandt",
    "Costa",
    "Dimov",
    "Ekberg",
    "Faber",
    "García",
    "Hoxha",
    "Ito",
    "Jansen",
    "Kovač",
)


@dataclass
class Person:
    """A person with an account."""

    user_id: str
    name: str
    email: str
    phone: str
    signed_up: bool = False
    unpaid: list[Purchase] = field(default_factory=list)
    ordered: list[Purchase] = field(default_factory=list)


@dataclass
class Device:
    """One visitor as a site sees it; `user` is the person who is signed in on it now."""

    browser: Browser
    anonymous_id: str | None
    owners: tuple[Person, ...] = ()
    user: Person | None = None
    is_known: bool = False
    free_at: int = 0
    unpaid: list[Purchase] = field(default_factory=list)
    ordered: list[Purchase] = field(default_factory=list)

    @property
    def buyer(self) -> "Person | Device":
        """Who may continue an earlier purchase here: the signed-in user (from any device), else the device."""
        return self.user or self

    @property
    def is_bot(self) -> bool:
        """Whether it is a program that names itself a bot."""
        return self.browser.is_bot


def make_uuid(random: Random) -> str:
    """Make a version 4 UUID out of the given randomness."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class Crowd:
    """The people and devices of one site, growing as new ones turn up."""

    def __init__(self, site: str, random: Random) -> None:
        self._site = site
        self._random = random
        self._people: list[Person] = []
        self._devices: list[Device] = []
        self._bots = [Device(bot, make_uuid(random)) for bot in BOTS]
        self._api_users = [
            Device(random.choice(BROWSERS), None, owners=(person,), user=person)
            for person in [self._new_person() for _ in range(3)]
        ]

    def visitor(self, now: int, share_returning: float = 0.42) -> Device:
        """Return the device of a visit at `now`: one seen before that is free again, or else a new one."""
        if self._devices and self._random.random() < share_returning:
            for _ in range(4):
                device = self._random.choice(self._devices)
                if device.free_at <= now:
                    return device
        return self._new_device()

    def bot(self, now: int) -> Device | None:
        """Return a bot that is free at `now`, if one is."""
        return self._free(self._bots, now)

    def api_user(self, now: int) -> Device | None:
        """Return a user whose page views the site's own server reports: a user id and no device id."""
        return self._free(self._api_users, now)

    def display(self) -> Device:
        """Return a screen on a wall: always on, without a user."""
        return Device(BROWSERS[0], make_uuid(self._random))

    def _free(self, devices: list[Device], now: int) -> Device | None:
        device = self._random.choice(devices)
        return device if device.free_at <= now else None

    def _new_device(self) -> Device:
        random = self._random
        browser = random.choices(BROWSERS, BROWSER_WEIGHTS)[0]
        owner_count = random.choices((0, 1, 2), (60, 33, 7))[0]
        owners: list[Person] = []
        while len(owners) < owner_count:
            person = random.choice(self._people) if random.random() < 0.2 else self._new_person()
            if person not in owners:
                owners.append(person)
        device = Device(browser, make_uuid(random), tuple(owners))
        if len(self._devices) < 20_000:
            self._devices.append(device)
        else:
            self._devices[random.randrange(20_000)] = device
        return device

    def _new_person(self) -> Person:
        number = len(self._people) + 1
        name = f"{self._random.choice(_FIRST_NAMES)} {self._random.choice(_LAST_NAMES)}"
        person = Person(
            user_id=f"u-{number:06d}",
            name=name,
            email=f"{self._site}.user{number}@example.com",
            phone=f"+1 202 555 {100 + number % 100:04d}",
        )
        self._people.append(person)
        return person
