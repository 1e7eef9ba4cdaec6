"""Make the address of a page storable: its host as browsers write it, its length within limits. Hides no secrets.

Browsers send hosts in ASCII; servers and imports may send `münchen.example`, the same host. What names the source of
a visit is read from the stored address, so that a cut may not lose it.
"""

import re
from typing import Final
from urllib.parse import unquote

import idna

TAGS: Final = frozenset(
    (
        *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
        *("gclid", "gbraid", "wbraid", "dclid", "msclkid", "fbclid", "ttclid", "twclid", "li_fat_id", "epik", "ScCid"),
        "rdt_cid",
    )
)
"""Parameters that name the source of a visit. The models read the same: see the seed `click_ids`."""
MAX_HOST: Final = 255
MAX_TAG: Final = 256
"""Number of characters kept of a tag in an address that is too long."""

_HOST = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?)([^/?#:@]+)")
_BARE_HOST = re.compile(r"[^\s/?#:@%\\]+(?::[0-9]*)?")
_BROKEN_ESCAPE = re.compile(r"%[0-9A-Fa-f]?\Z")


def ascii_host(address: str) -> str:
    """Return the address with its host in ASCII, in small letters; the rest stays as it is."""
    found = _HOST.match(address)
    if not found or (found[2].isascii() and "%" not in found[2]):
        return address
    return found[1] + _to_ascii(unquote(found[2])) + address[found.end() :]


def host_beside(address: str | None, host: str) -> str | None:
    """Return the host that a client gives beside the address of its page, as browsers write it.

    None where the address names its host itself, and for what is no host.
    """
    if (address and _HOST.match(address)) or not _BARE_HOST.fullmatch(host):
        return None
    return _to_ascii(host)[:MAX_HOST].lower()


def cut(address: str, most: int) -> str:
    """Cut an address to a number of characters. Tags move to the front of its query, so that they stay."""
    if len(address) <= most:
        return address
    before, _, query = address.partition("#")[0].partition("?")
    parameters = query.split("&")
    tags: dict[str, str] = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if value and name in TAGS and sum(map(len, tags.values())) <= most // 2 - MAX_TAG:
            tags.setdefault(name, _BROKEN_ESCAPE.sub("", parameter[:MAX_TAG]))
    if not tags:
        return address[:most]
    kept = "&".join(tags.values())
    others = [parameter for parameter in parameters if parameter.partition("=")[0] not in TAGS]
    return "&".join([f"{before[: most - len(kept) - 1]}?{kept}", *others])[:most]


def _to_ascii(host: str) -> str:
    """Write a host as browsers do; those that idna refuses (emoji, say) label by label."""
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return ".".join(map(_label_to_ascii, host.lower().split(".")))


def _label_to_ascii(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
