"""The language of a page's reader, as BCP 47 writes it. Clients also send what they found in a header or a locale."""

import re
from typing import Final

MAX_LANGUAGE: Final = 35
"""Number of characters. RFC 5646, section 4.4.1, says that this holds every tag in common use."""

_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


def normalise(given: str, flags: list[str]) -> str | None:
    """Return the first tag of `de-CH`, `de_CH.UTF-8` or `de-CH,de;q=0.9`; None and a flag for what is none."""
    tag = re.split("[,;.@]", given, maxsplit=1)[0].strip().replace("_", "-")
    if len(tag) <= MAX_LANGUAGE and _TAG.fullmatch(tag):
        return tag
    flags.append("implausible")
    return None
