"""Files that the pages load, all from here: styles, scripts, and Vega's bundle. Their address changes with them."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import vl_convert

from serving.charts.theme import DARK, LIGHT

FOLDER = Path(__file__).parent / "static"
_BUNDLED = "window.vegaEmbed = vegaEmbed;"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class File:
    """A file as it is sent, compressed."""

    content: bytes
    media_type: str


@cache
def digest() -> str:
    """Return a name for what the files are now."""
    parts = [path.read_bytes() for path in sorted(FOLDER.iterdir())]
    parts += [repr((LIGHT, DARK)).encode(), vl_convert.get_vega_version().encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


@cache
def file(name: str) -> File | None:
    """Return a file by its name; None if there is none. Vega's bundle takes a second the first time."""
    if name == "vega.js":
        return _packed(vl_convert.javascript_bundle(_BUNDLED).encode(), ".js")
    if name == "theme.css":
        return _packed(_theme().encode(), ".css")
    path = FOLDER / name
    return _packed(path.read_bytes(), path.suffix) if path.parent == FOLDER and path.is_file() else None


def _packed(content: bytes, suffix: str) -> File:
    return File(gzip.compress(content, 6, mtime=0), _TYPES[suffix])


def _theme() -> str:
    """Return the colours of charts as variables: dark where the system is, unless the switch says otherwise."""
    light, dark = (";".join(f"--{name}:{value}" for name, value in each.items()) for each in (LIGHT, DARK))
    return (
        f":root{{color-scheme:light;{light}}}"
        f"@media screen and (prefers-color-scheme:dark)"
        f"{{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}"
    )
