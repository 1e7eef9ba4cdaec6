"""Where a session came from. Knows the hosts, click ids, payment and sign-in hosts that tests use, and no others."""

from urllib.parse import unquote_plus, urlsplit

from tests.support.oracle.events import host, page_host

SOURCES = {
    "google.com": ("google", "search"),
    "google.de": ("google", "search"),
    "bing.com": ("bing", "search"),
    "duckduckgo.com": ("duckduckgo", "search"),
    "facebook.com": ("facebook", "social"),
    "instagram.com": ("instagram", "social"),
    "reddit.com": ("reddit", "social"),
    "tiktok.com": ("tiktok", "social"),
    "youtube.com": ("youtube", "video"),
    "amazon.com": ("amazon", "shopping"),
    "chatgpt.com": ("chatgpt", "ai_assistant"),
    "perplexity.ai": ("perplexity", "ai_assistant"),
}
"""Host: (source, category). All but search engines are known with all their subdomains."""
FRONTS = ("m.", "www.")
"""What may stand before the host of a search engine."""
CATEGORIES = dict(SOURCES.values())
CLICK_IDS = {
    "gclid": ("google", "cpc"),
    "msclkid": ("bing", "cpc"),
    "fbclid": ("facebook", "referral"),
    "ttclid": ("tiktok", "paid_social"),
}
"""Parameter of the address: (source, medium)."""
GO_BETWEENS = ("paypal.com", "stripe.com", "klarna.com", "microsoftonline.com")
"""Hosts that only send back who was here before, with all their subdomains."""
SUFFIXES = ("co.uk", "github.io")
"""The public suffixes of two labels that tests use."""


def origin(events) -> dict:
    """The source named by the first event that has one: with tags, or with a referrer from elsewhere."""
    tags, referrer = next(((tags, referrer) for tags, referrer in map(clues, events) if tags or referrer), ({}, None))
    click_id = next((name for name in tags if name in CLICK_IDS), None)
    known, category = known_source(host(referrer))
    if tagged := tags.get("utm_source"):
        source, medium = tagged, tags.get("utm_medium", "(not set)")
        category = CATEGORIES.get(tagged) or known_source(tagged)[1]
    elif click_id:
        source, medium = CLICK_IDS[click_id]
        medium, category = tags.get("utm_medium", medium), CATEGORIES[source]
    elif "utm_medium" in tags:
        source, medium, category = "(not set)", tags["utm_medium"], None
    elif referrer:
        source = known or host(referrer)
        medium = {"search": "organic", "ai_assistant": "ai-assistant"}.get(category, "referral")
    else:
        source, medium = "(direct)", "(none)"
    return {
        "referrer": referrer,
        "referrer_host": host(referrer),
        "channel": channel(source, category, medium, tags.get("utm_campaign") or ""),
        "source": source,
        "medium": medium,
        "campaign": tags.get("utm_campaign"),
        "utm_source": tagged,
        "utm_medium": tags.get("utm_medium"),
        "utm_campaign": tags.get("utm_campaign"),
        "utm_term": tags.get("utm_term"),
        "utm_content": tags.get("utm_content"),
        "click_id": click_id,
    }


def clues(event):
    """The tags of an event that names a source in its address, and its referrer if that is another site's.

    The site's own domain is no source, nor are payment and sign-in hosts. A campaign beside a source, a medium or such
    a referrer is read; alone it says nothing.
    """
    tags = {}
    for parameter in urlsplit(event["page_url"] or "").query.split("&"):
        name, _, value = parameter.partition("=")
        if said := value if name in CLICK_IDS else unquote_plus(value).lower().strip(" "):
            tags.setdefault(name, said)
    came_from = host(event["referrer"])
    is_source = came_from and is_foreign(came_from, page_host(event))
    if not is_source and not tags.keys() & {"utm_source", "utm_medium", *CLICK_IDS}:
        tags = {}
    return tags, event["referrer"] if is_source else None


def is_foreign(came_from, here):
    """Whether a host is another site than a page's, and no go-between."""
    if any(came_from == name or came_from.endswith(f".{name}") for name in GO_BETWEENS):
        return False
    return here is None or registered_domain(came_from) != registered_domain(here)


def registered_domain(name):
    """The domain that was registered: one label more than its public suffix. A number is one itself."""
    if name.startswith("[") or name.replace(".", "").isdigit():
        return name
    return ".".join(name.split(".")[-3 if name.endswith(tuple(f".{suffix}" for suffix in SUFFIXES)) else -2 :])


def known_source(name):
    """(source, category) of a host that is known; (None, None) of any other."""
    for known, said in SOURCES.items():
        front = (name or "").removesuffix(known)
        if name and front != name and (not front or (front.endswith(".") and (said[1] != "search" or front in FRONTS))):
            return said
    return None, None


def channel(source, category, medium, campaign):
    """GA4's default channel group."""
    paid = "cp" in medium or medium.startswith("paid") or medium in ("ppc", "retargeting")
    if source == "(direct)" and medium in ("(none)", "(not set)"):
        return "Direct"
    if "cross-network" in campaign:
        return "Cross-network"
    if paid and category in ("shopping", "search", "social", "video"):
        return f"Paid {category.title()}"
    if medium in ("display", "banner", "cpm"):
        return "Display"
    if paid:
        return "Paid Other"
    if category == "ai_assistant" or medium == "ai-assistant":
        return "AI Assistant"
    if category in ("shopping", "social", "video", "search"):
        return f"Organic {category.title()}"
    if medium == "organic":
        return "Organic Search"
    if medium == "referral":
        return "Referral"
    if "email" in (source, medium):
        return "Email"
    if medium == "affiliate":
        return "Affiliates"
    return "Unassigned"
