"""Read the address of a client, in any spelling of servers and proxies, into the one that is stored."""

from ipaddress import IPv4Address, IPv6Address, ip_address

NOT_GIVEN = ("", "-", "_", "unknown")
"""What servers and proxies write where they know nothing."""


def first_client(field: str) -> str | None:
    """Return the first address of a field: proxies append their own. Without any, its first name; None without that."""
    given = [part.strip() for part in field.split(",") if part.strip() not in NOT_GIVEN]
    return next(filter(None, map(read_ip, given)), given[0] if given else None)


def read_ip(text: str) -> str | None:
    """Return the one spelling of an address, without port and zone; None if the text is no address.

    An IPv4 address that a server writes as one of IPv6 (`::ffff:203.0.113.9`) is that of IPv4.
    """
    bare = text.strip()
    if bare.startswith("[") and "]" in bare:
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address: IPv4Address | IPv6Address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
