"""Origins of pages, `scheme://host[:port]`, written as browsers write them, so that they can be compared as text."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


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
        if origin.partition("://")[2] != parts.netloc:
            return None
        shown = _host(host)
    except ValueError:
        return None
    is_default = port in (None, _DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{shown}{'' if is_default else f':{port}'}"


def _host(host: str) -> str:
    """Return a host as browsers write it. Raises ValueError where it is none."""
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]"
    if not host.isascii():
        import idna  # Its tables are large, and most hosts need none of them.

        mapped = idna.uts46_remap(host, std3_rules=False)
        host = ".".join(label if label.isascii() else idna.alabel(label).decode() for label in mapped.split("."))
    if not all(character.isalnum() or character in "-._" for character in host):
        raise ValueError
    return host
