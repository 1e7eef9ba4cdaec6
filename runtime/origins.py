"""Origins of pages, `scheme://host[:port]`, written as browsers write them, so that they can be compared as text."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MOST_LABEL, _MOST_HOST = 63, 253
"""Letters of a label and of a whole name, the most that the domain name system can hold."""
_LABEL = re.compile(r"[_-]*[a-z0-9][a-z0-9_-]*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""What ends a host that browsers read as an IPv4 address, or refuse."""


@lru_cache(maxsize=4096)
def normal_origin(origin: str) -> str | None:
    """Return the origin as a browser writes it; None if no web page can have it.

    Scheme and host are in lower case, an international host is in punycode, the scheme's own port is left out.
    """
    try:
        parts = urlsplit(origin)
        port, host = parts.port, parts.hostname
        # Nothing may follow the host: of a path or a name before the host a browser's origin knows nothing.
        if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc or origin.strip() != origin:
            return None
        if origin.partition("://")[2] != parts.netloc or port == 0:
            return None
        shown = _host(host)
    except ValueError:
        return None
    is_default = port in (None, _DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{shown}{'' if is_default else f':{port}'}"


def _host(host: str) -> str:
    """Return a host as browsers write it. Raises ValueError where it is none."""
    if ":" in host:
        return f"[{_ipv6(host)}]"
    if not host.isascii():
        import idna  # Its tables are large, and most hosts need none of them.

        mapped = idna.uts46_remap(host, std3_rules=False)
        host = ".".join(label if label.isascii() else idna.alabel(label).decode() for label in mapped.split("."))
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return str(ipaddress.IPv4Address(host))
    if len(host) > _MOST_HOST or not all(map(_is_label, labels)):
        raise ValueError
    return host


def _is_label(label: str) -> bool:
    if label.startswith("xn--"):
        letters = label[4:].encode().decode("punycode")
        return letters.isprintable() and not letters.isascii() and len(label) <= _MOST_LABEL
    return bool(_LABEL.fullmatch(label)) and len(label) <= _MOST_LABEL


def _ipv6(host: str) -> str:
    address = ipaddress.IPv6Address(host)
    if address.scope_id is not None:  # It means something on one machine only; browsers refuse it.
        raise ValueError
    return str(address)
