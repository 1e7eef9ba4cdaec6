"""Where a session came from. Knows the hosts, click ids and payment providers that tests use, and no others."""

from urllib.parse import unquote_plus, urlsplit

from tests.support.oracle.events import host

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
"""Host, with all its subdomains: (source, category)."""
CATEGORIES = dict(SOURCES.values())
CLICK_IDS = {
    "gclid": ("google", "cpc"),
    "msclkid": ("bing", "cpc"),
    "fbclid": ("facebook", "referral"),
    "ttclid": ("tiktok", "paid_social"),
}
"""Parameter of the address: (source, medium)."""
PAYMENT_PROVIDERS = ("paypal.com", "checkout.stripe.com", "pay.klarna.com")


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
    elif referrer:
        source, medium = known or host(referrer), "organic" if category == "search" else "referral"
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
        "click_id": click_id,
    }


def clues(event):
    """The tags of an event that names a source in its address, and its referrer if that is another site's.

    The site's own pages are no source, nor are payment providers, who only send back who was here before. Tags
    beside such a name, or beside such a referrer, are read; alone they say nothing.
    """
    tags = {}
    for parameter in urlsplit(event["page_url"] or "").query.split("&"):
        name, _, value = parameter.partition("=")
        if value:
            tags.setdefault(name, value if name in CLICK_IDS else unquote_plus(value).lower())
    came_from = host(event["referrer"])
    is_source = came_from and came_from != host(event["page_url"]) and came_from not in PAYMENT_PROVIDERS
    if not is_source and "utm_source" not in tags and not tags.keys() & CLICK_IDS.keys():
        tags = {}
    return tags, event["referrer"] if is_source else None


def known_source(name):
    """(source, category) of a host that is known; (None, None) of any other."""
    for known, said in SOURCES.items():
        if name and (name == known or name.endswith(f".{known}")):
            return said
    return None, None


def channel(source, category, medium, campaign):
    """GA4's default channel group, plus AI assistants after everything paid."""
    paid = medium.startswith(("cp", "paid")) or medium in ("ppc", "retargeting")
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
    if category == "ai_assistant":
        return "AI Assistants"
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
