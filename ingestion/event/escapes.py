r"""Replace the two JSON escapes that no database stores: `\u0000` and half a surrogate pair. Bytes in, bytes out."""

import re

NUL = rb"\u0000"
_REPLACEMENT = rb"\u0000\ufffd"
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([0-9a-fA-F]{4})|.)", re.DOTALL)


def strip_nul(document: bytes) -> bytes:
    """Remove every escaped NUL character, and nothing that only looks like one (`\\\\u0000`)."""
    return _ESCAPE.sub(lambda escape: b"" if escape[1] == b"0000" else escape[0], document)


def replace_lone_surrogates(document: bytes) -> bytes:
    """Replace half pairs by U+FFFD and a NUL each. The NUL later marks the event as changed."""
    return _ESCAPE.sub(
        lambda escape: _REPLACEMENT if escape[1] and 0xD800 <= int(escape[1], 16) <= 0xDFFF else escape[0],
        document,
    )
