"""A place database in MaxMind's format, written here by hand: a bit tree, a data section and metadata."""

BERLIN = {"country": {"iso_code": "DE"}, "city": {"names": {"en": "Berlin", "de": "Berlin an der Spree"}}}


def encode(value):
    """A value in MMDB's data format; all of ours are shorter than 29; bytes are encoded already."""
    if isinstance(value, dict):
        return bytes([7 << 5 | len(value)]) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, str):
        return bytes([2 << 5 | len(value)]) + value.encode()
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(encode, value))
    return value


def uint16(value):
    return bytes([5 << 5 | 2]) + value.to_bytes(2, "big")


def uint32(value):
    return bytes([6 << 5 | 4]) + value.to_bytes(4, "big")


def uint64(value):
    return bytes([8, 9 - 7]) + value.to_bytes(8, "big")


def write_mmdb(path, network, value):
    """A database that knows one IPv4 /8: a chain of eight nodes, 24-bit records."""
    bits = [network >> (7 - n) & 1 for n in range(8)]
    nodes = b""
    for n, bit in enumerate(bits):
        onwards = n + 1 if n < 7 else 8 + 16
        records = (8, onwards) if bit else (onwards, 8)
        nodes += b"".join(record.to_bytes(3, "big") for record in records)
    metadata = {
        "binary_format_major_version": uint16(2),
        "binary_format_minor_version": uint16(0),
        "build_epoch": uint64(1),
        "database_type": "Test-City",
        "description": {"en": "Test"},
        "ip_version": uint16(4),
        "languages": ["en"],
        "node_count": uint32(8),
        "record_size": uint16(24),
    }
    path.write_bytes(nodes + bytes(16) + encode(value) + b"\xab\xcd\xefMaxMind.com" + encode(metadata))
    return path
