"""Text that a stranger puts wherever the product takes text: what it would do where it is printed as it is."""

import unicodedata

MARKUP = "[/b][bold red]x[link=https://evil.example]y[/] :smile: [@click=app.bell]"
TERMINAL = "\x1b]52;c;aGVsbG8=\x07\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\\x1b[2J\x9b31m\x90q\x9c\x7f\x08\x0e"
DIRECTION = "\u202egnp.exe\u202c\u2066\u2069\u200f\u061c"
UNSEEN = "\u200b\u200d\u2060\ufeff\u00ad\u180e\u034f\u3164\ufe0f\U000e0041\U000e0101"
LINES = "\r\n\v\f\x1c\x1e\x85\u2028\u2029error: all is lost"
EVIL = MARKUP + TERMINAL + DIRECTION + UNSEEN + LINES
SHOWN = r"\x1b]52;c;aGVsbG8=\x07"
"""How the beginning of TERMINAL is to be seen."""


def acting(text: str) -> set[str]:
    """The characters of a text that act on a terminal or are not seen, but for line feeds."""
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {char for char in text if unicodedata.category(char) in categories or char in UNSEEN} - {"\n"}
