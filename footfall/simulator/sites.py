"""The three made-up sites: time zones, pages, and where their visitors come from. Facts only."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from footfall.simulator.session import Page

TIMEZONES = {"shop": "Europe/Berlin", "widget": "UTC", "community": "America/New_York"}
ZONES = {site: ZoneInfo(timezone) for site, timezone in TIMEZONES.items()}

SHOP = "https://shop.example"
WIDGET = "https://help.widget.example"
COMMUNITY = "https://forum.example"


class Source(NamedTuple):
    """Where a session comes from: the referrer of its landing page, and the query on its address."""

    referrer: str | None
    query: str
    weight: int


SOURCES = (
    Source(None, "", 34),
    Source("https://www.google.com/", "", 22),
    Source("https://duckduckgo.com/", "", 3),
    Source("https://www.bing.com/", "", 4),
    Source("https://www.google.com/", "?utm_source=google&utm_medium=cpc&utm_campaign=autumn&gclid=Cj0KCQ", 7),
    Source("https://www.bing.com/", "?msclkid=5f2e8a", 2),
    Source("https://l.facebook.com/", "?fbclid=IwAR0x", 5),
    Source("https://www.instagram.com/", "?utm_source=instagram&utm_medium=paid_social&utm_campaign=reels", 3),
    Source("https://www.tiktok.com/", "?ttclid=E.C.P", 2),
    Source("https://old.reddit.com/r/lamps/", "", 2),
    Source("https://chatgpt.com/", "?utm_source=chatgpt.com", 4),
    Source("https://www.perplexity.ai/", "", 2),
    Source(None, "?utm_source=newsletter&utm_medium=email&utm_campaign=week-47", 5),
    Source("https://blog.partner.example/best-lamps", "", 3),
    Source("https://www.youtube.com/watch?v=abc", "", 2),
)
SOURCE_WEIGHTS = tuple(source.weight for source in SOURCES)

PAYMENT_PROVIDERS = ("https://www.paypal.com/", "https://checkout.stripe.com/", "https://pay.klarna.com/")

HOME = Page(f"{SHOP}/", "Shop", "homepage")
CATEGORIES = tuple(
    Page(f"{SHOP}/c/{name}", name.title(), "category", name) for name in ("lamps", "tables", "chairs", "rugs")
)
OFFERS = tuple(Page(f"{SHOP}/o/{number}", f"Offer {number}", "offer", str(number)) for number in range(100, 140))
CHECKOUT = Page(f"{SHOP}/checkout", "Checkout", "checkout")
PAYMENT = Page(f"{SHOP}/payment", "Payment", "payment")
CONFIRMATION = Page(f"{SHOP}/order/confirmed", "Thank you", "confirmation")

HELP_PAGES = tuple(
    Page(f"{WIDGET}/{name}", name.replace("-", " ").title(), "article", name)
    for name in ("getting-started", "invoices", "delivery", "returns", "contact")
)

COMMUNITIES = tuple((f"c-{number}", f"town-{number}", f"division-{number % 4}") for number in range(1, 13))


def community_page(slug: str, post: int) -> Page:
    """Return a community's own page (post 0) or that of one of its posts."""
    path = f"{COMMUNITY}/{slug}/{post}" if post else f"{COMMUNITY}/{slug}"
    return Page(path, f"{slug} {post or ''}".strip(), "community", slug)


def pages_of(site: str) -> tuple[Page, ...]:
    """Return pages of a site that anybody may land on."""
    if site == "shop":
        return (HOME, *CATEGORIES, *OFFERS)
    return HELP_PAGES if site == "widget" else tuple(community_page(slug, 0) for _, slug, _ in COMMUNITIES)
