"""Name the format of a file that was given to the wrong importer, and how to import it."""

import re
from collections.abc import Sequence

from ingestion.importers import log_line

_AS_EVENTS = "write its lines as events, one JSON object a line, for `footfall import events`"
_COMBINED = "let the server write the Combined Log Format, or " + _AS_EVENTS
_UNPACK = "unpack it first (plain text and gzip are read)"

_BEGINNINGS = (
    (rb"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (rb"BZh", "a bzip2 archive", _UNPACK),
    (rb"\xfd7zXZ", "an xz archive", _UNPACK),
    (rb"PK\x03\x04", "a zip archive", _UNPACK),
    (rb"PAR1", "a Parquet file", _AS_EVENTS),
    (rb"\xff\xfe|\xfe\xff", "text in UTF-16", "convert it to UTF-8 first: iconv -f UTF-16 -t UTF-8"),
    (rb"<", "XML or HTML", _AS_EVENTS),
    (rb"#(?:Software|Version|Date|Fields):", "a W3C extended log (IIS, CloudFront)", _COMBINED),
)
"""The first line: what it looks like, and what to do."""

_LINES = (
    (r'\{.*"(?:request|uri|url|RequestPath|time_local|status)".*\}?', "an access log in JSON", _COMBINED),
    (r"\{.*", "JSON lines that are no events", _AS_EVENTS),
    (r"\[\s*(?:\{.*)?", "a JSON array", "write one event a line, as `jq -c '.[]'` does, for `footfall import events`"),
    (r"\[[^\]]*\] \[[^\]]*\].*", "an error log of Apache", "import the access log of the same server"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[.*", "an error log of nginx", "import the access log of the same server"),
    (r'[A-Za-z0-9]{64} \S+ \[.*\] \S+ .* "[^"]*" .*', "an access log of Amazon S3", _COMBINED),
    (r"(?:https?|h2|wss?|grpcs?) \d{4}-\d\d-\d\dT\S+ .*", "an access log of an AWS load balancer", _COMBINED),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S* \S+ .*", "a log with the time in front", _COMBINED),
    (r"(?:<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ .*", "a log of syslog", "cut off what syslog adds in front"),
    (r"\d{9,10}\.\d{3} +\d+ \S+ .*", "a log of Squid", _COMBINED),
    (
        r'[^\[]* \[[^\]]{26}\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)',
        "the Common Log Format, which lacks referrer and user agent",
        "let the server write the Combined Log Format",
    ),
    (
        r'.*\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\].*"[A-Z]+ \S+.*',
        "an access log of its own format",
        _COMBINED,
    ),
    (r"[^,]*(?:,[^,]*){2,}", "a table with commas (CSV)", _AS_EVENTS),
    (r"[^\t]*(?:\t[^\t]*){2,}", "a table with tabs (TSV)", _AS_EVENTS),
)
"""Any of the first lines."""


def describe(lines: Sequence[bytes]) -> str:
    """Return what a file looks like by its first lines, and how to import it."""
    for beginning, name, advice in _BEGINNINGS:
        if lines and re.match(beginning, lines[0].lstrip()):
            return f"it looks like {name}: {advice}"
    texts = [line[:_MAX_LOOKED_AT].decode(errors="replace").strip() for line in lines[:_LINES_LOOKED_AT]]
    if any(text.startswith("{") and '"event_name"' in text for text in texts):
        return "it looks like events: use `footfall import events`"
    if any(map(log_line.has_format, texts)):
        return "it looks like an access log: use `footfall import access-log`"
    for pattern, name, advice in _LINES:
        if any(re.fullmatch(pattern, text) for text in texts):
            return f"it looks like {name}: {advice}"
    return f"its format is not known: {_AS_EVENTS}"


_LINES_LOOKED_AT = 20
_MAX_LOOKED_AT = 4096
