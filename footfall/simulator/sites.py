"""The three made-up sites: time zones, pages, and where their visitors come from. Facts only."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from footfall.simulator.session import DIRECT, Page, Traffic

TIMEZONES = {"shop": "Europe/Berlin", "widget": "UTC", "community": "America/New_York"}
ZONES = {site: ZoneInfo(timezone) for site, timezone in TIMEZONES.items()}

SHOP = "https://shop.example"
WIDGET = "https://help.widget.example"
COMMUNITY = "https://forum.example"


class Source(NamedTuple):
    """Where a session comes from: the referrer and the query of its landing page, and how reports read them."""

    weight: int
    referrer: str | None
    query: str
    traffic: Traffic


_NONE = "(none)"
_ADVERT = "?utm_source=google&utm_medium=cpc&utm_campaign=autumn&gclid=Cj0KCQ"
_REELS = "?utm_source=instagram&utm_medium=paid_social&utm_campaign=reels"
_LETTER = "?utm_source=newsletter&utm_medium=email&utm_campaign=week-47"
_LINK = "?utm_source=chatgpt.com"
_PARTNER = "blog.partner.example"
_ORGANIC, _SOCIAL, _PAID, _ASSISTANT = "Organic Search", "Organic Social", "Paid Social", "AI Assistant"

SOURCES = tuple(
    Source(weight, referrer, query, Traffic(*traffic))
    for weight, referrer, query, *traffic in (
        (34, None, "", *DIRECT),
        (22, "https://www.google.com/", "", _ORGANIC, "google", "organic", _NONE, "google.com"),
        (3, "https://duckduckgo.com/", "", _ORGANIC, "duckduckgo", "organic", _NONE, "duckduckgo.com"),
        (4, "https://www.bing.com/", "", _ORGANIC, "bing", "organic", _NONE, "bing.com"),
        (7, "https://www.google.com/", _ADVERT, "Paid Search", "google", "cpc", "autumn", "google.com"),
        (2, "https://www.bing.com/", "?msclkid=5f2e8a", "Paid Search", "bing", "cpc", _NONE, "bing.com"),
        (5, "https://l.facebook.com/", "?fbclid=IwAR0x", _SOCIAL, "facebook", "referral", _NONE, "l.facebook.com"),
        (3, "https://www.instagram.com/", _REELS, _PAID, "instagram", "paid_social", "reels", "instagram.com"),
        (2, "https://www.tiktok.com/", "?ttclid=E.C.P", _PAID, "tiktok", "paid_social", _NONE, "tiktok.com"),
        (2, "https://old.reddit.com/r/lamps/", "", _SOCIAL, "reddit", "referral", _NONE, "old.reddit.com"),
        (4, "https://chatgpt.com/", _LINK, _ASSISTANT, "chatgpt.com", "(not set)", _NONE, "chatgpt.com"),
        (2, "https://www.perplexity.ai/", "", _ASSISTANT, "perplexity", "ai-assistant", _NONE, "perplexity.ai"),
        (5, None, _LETTER, "Email", "newsletter", "email", "week-47", _NONE),
        (3, f"https://{_PARTNER}/best-lamps", "", "Referral", _PARTNER, "referral", _NONE, _PARTNER),
        (2, "https://www.youtube.com/watch?v=abc", "", "Organic Video", "youtube", "referral", _NONE, "youtube.com"),
    )
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


class Community(NamedTuple):
    """A community. It need not belong to a division."""

    id: str
    slug: str
    division: str | None


COMMUNITIES = tuple(
    Community(f"c-{number}", f"town-{number}", f"division-{number % 3}" if number % 5 else None)
    for number in range(1, 13)
)


def community_page(slug: str, post: int) -> Page:
    """Return a community's own page (post 0) or that of one of its posts."""
    path = f"{COMMUNITY}/{slug}/{post}" if post else f"{COMMUNITY}/{slug}"
    return Page(path, f"{slug} {post or ''}".strip(), "community", slug)


def pages_of(site: str) -> tuple[Page, ...]:
    """Return the pages of a site on which a session may start."""
    if site == "shop":
        return (HOME, *CATEGORIES, *OFFERS)
    return HELP_PAGES if site == "widget" else tuple(community_page(slug, 0) for _, slug, _ in COMMUNITIES)
