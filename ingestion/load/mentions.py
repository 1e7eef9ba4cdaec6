"""Which ids a rejected text may name: whole texts, and words in them. Knows no person and no site.

A client that is rejected may have written anything: another spelling of the key, a list, an object in an object, a
query string, half of a document. So every text counts, whatever its key is. Only short numbers count where they stand
for an id alone: otherwise a screen or a date would name a person. The time is proportional to the length of the text.
"""

import json
import re
import string
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_plus

from ingestion.event import ids

MOST_ID: Final = 128
"""Characters of an id."""
_LEAST_WORD, _LEAST_NUMBER = 3, 6
"""A shorter word or number of a longer text is no id, unless a key says so or it stands alone between signs."""
_LEAST_LONE_NUMBER = 3
_MOST_ATOMS: Final = 16
"""A word of more parts, such as `2026-11-02`, is looked at as a whole and part by part only."""

_MOST_WORDS, _MOST_WORDS_OF_ID = 64, 4
"""Words that stand together may be an id of several words, in a phrase of so many at most."""

_ENDS = r"\"'`\[\]{}()<>&;,?#=|\\\x00-\x1f"
_PHRASES = re.compile(rf"[{_ENDS}]+")
_WORDS = re.compile(rf"[{_ENDS}\s]+")
_PARTS = re.compile(rf"[{_ENDS}\s/:]+")
_ATOM = re.compile(r"[^\W_]+")
_ID_KEY = re.compile(
    r"ids?$|uid|user|device|anonym|visitor|customer|account|member|person|client|login|subject|distinct"
)
"""What is said of a key in small letters without signs, if its number is an id."""
_KEYED = re.compile(
    r"(?:id|user|device|visitor|customer|account|member|person|login|subject)s?"
    rf"[\s:=/\"'\\\[\](){{}}]++([^\s:/{_ENDS}]+)",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def mentions(payload: str) -> set[str]:
    """Return every id that the payload may name, as `ids.normalise` writes it."""
    found: set[str] = set()
    for text, is_number, is_of_id in _texts(payload):
        if not is_number:
            found.update(_in_text(text))
        elif is_of_id or len(text) >= _LEAST_NUMBER:
            found.add(text)
    return {normal for each in found if 0 < len(each) <= MOST_ID and (normal := ids.normalise(each))}


class _Pairs(list):
    """A JSON object as pairs, so that repeated keys are kept."""


class _Number(str):
    __slots__ = ()


def _texts(payload: str) -> Iterator[tuple[str, bool, bool]]:
    """Give each text, whether it is a number, and whether it stands where an id would. What is no JSON is one text."""
    try:
        document = json.loads(payload, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        yield payload, False, False
        return
    waiting = [(document, True)]
    while waiting:
        value, is_of_id = waiting.pop()
        if isinstance(value, _Pairs):
            for key, held in value:
                yield key, False, False
                waiting.append((held, _ID_KEY.search(_letters(key)) is not None))
        elif isinstance(value, list):
            waiting += [(each, is_of_id) for each in value]
        elif isinstance(value, str):
            yield str(value), isinstance(value, _Number), is_of_id


def _letters(key: str) -> str:
    return "".join(filter(str.isalpha, key)).lower()


def _in_text(text: str) -> Iterator[str]:
    """Give the text itself, and what it may name, as it is written and as it is meant."""
    for written in {text, _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text), unquote_plus(text)}:
        # As the collector stores it.
        stored = _LONE_SURROGATE.sub("\ufffd", written).replace("\0", "")
        yield stored
        yield stored.strip()
        if not stored.isalnum():
            yield from _KEYED.findall(stored)
            for phrase in map(str.strip, _PHRASES.split(stored)):
                if _is_alone(phrase):
                    yield phrase
                yield from _neighbours(phrase.split())
            yield from filter(_is_long, _words(stored))


def _words(text: str) -> Iterator[str]:
    for pattern in (_PHRASES, _WORDS, _PARTS):
        for piece in pattern.split(text):
            if len(piece) <= 2 * MOST_ID:
                yield piece.strip()
                yield from _runs(piece)


def _neighbours(words: list[str]) -> Iterator[str]:
    if 1 < len(words) <= _MOST_WORDS:
        for count in range(2, _MOST_WORDS_OF_ID + 1):
            for first in range(len(words) - count + 1):
                together = " ".join(words[first : first + count])
                yield together
                yield together.strip(string.punctuation)


def _runs(piece: str) -> Iterator[str]:
    """Give the parts of a word, and those that stand together at its start or end: `ann-1` of `user-ann-1`."""
    atoms = [found.span() for found in _ATOM.finditer(piece)]
    if not atoms:
        return
    for start, end in atoms:
        yield piece[start:end]
    if len(atoms) <= _MOST_ATOMS:
        first, last = atoms[0][0], atoms[-1][1]
        yield from (piece[start:last] for start, _ in atoms)
        yield from (piece[first:end] for _, end in atoms)


def _is_long(word: str) -> bool:
    return len(word) >= (_LEAST_NUMBER if word.isdigit() else _LEAST_WORD)


def _is_alone(phrase: str) -> bool:
    return not phrase.isdigit() or len(phrase) >= _LEAST_LONE_NUMBER
