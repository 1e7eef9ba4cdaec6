"""Text from outside, as a person may see it: nothing in it acts on a terminal, a page or a spreadsheet.

Who posts an event chooses its text. What is stored and computed stays exact; only what is shown is escaped.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TextIO

_ACTS = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories of characters that control, change direction, break lines, or have no shape of their own."""
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that are drawn as nothing: fillers, joiners, variation selectors."""
_FORMULA = frozenset("=+-@\u2212")
"""Signs with which a cell begins that a spreadsheet would execute, after full-width and small forms are made plain."""


def shown(text: str) -> str:
    r"""Return the text with each character that acts, or is not seen, as its escape, `\x1b` or `\u202e`."""
    if text.isprintable() and not _UNSEEN.search(text):
        return text
    return "".join(char.encode("unicode_escape").decode() if _acts(char) else char for char in text)


def shown_lines(text: str) -> str:
    """Return a text of ours that quotes what came from outside: its lines stay, all else is `shown`."""
    return "\n".join(map(shown, text.expandtabs(4).split("\n")))


def shown_json(value: Any) -> str:
    """Return the value as JSON in indented lines, exact, with the escapes of JSON for what `shown` escapes."""
    return escaped_json(json.dumps(value, indent=1, default=str, ensure_ascii=False))


def escaped_json(written: str) -> str:
    """Return the same JSON, with the escapes of JSON for what `shown` escapes; its lines stay."""
    return "".join(_in_json(char) if _acts(char) and char != "\n" else char for char in written)


def cell(value: Any) -> Any:
    """Return the value as a cell of CSV that a spreadsheet shows and never executes. Numbers stay numbers."""
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    text = json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{shown(text)}" if _is_formula(text) else shown(text)


class CsvWriter:
    """Write CSV for people. Texts are quoted, so that none becomes two cells where another character separates them."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)

    def writerow(self, row: Iterable[Any]) -> None:
        """Write one row."""
        self._writer.writerow([cell(value) for value in row])


def _acts(char: str) -> bool:
    return unicodedata.category(char) in _ACTS or bool(_UNSEEN.match(char))


def _in_json(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet may run it: it begins with such a sign, or with what some of them leave out before one."""
    if text[:1] in ("\t", "\r", "\n"):
        return True
    seen = next((char for char in text if not (char.isspace() or _acts(char))), "")
    return bool(seen) and unicodedata.normalize("NFKC", seen)[0] in _FORMULA
