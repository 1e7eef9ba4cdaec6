"""Names that are near one that is not there. Pure."""

from collections.abc import Collection
from difflib import get_close_matches

MOST = 5


def nearest(name: str, known: Collection[str]) -> list[str]:
    """Return the names that look like it or share a word with it, at most `MOST`, the nearest first."""
    near = get_close_matches(name.lower(), known, MOST, cutoff=0.6)
    words = {word for word in name.lower().replace("-", "_").split("_") if len(word) > 2}
    sharing = [each for each in known if words & set(each.split("_")) and each not in near]
    return [*near, *sharing][:MOST]


def did_you_mean(what: str, name: str, known: Collection[str], lister: str) -> str:
    """Return the sentence that refuses a name, and leads on."""
    near = nearest(name, known)
    hint = f"near it: {', '.join(near)}" if near else f"there is {', '.join(known)}"
    return f"there is no such {what}; {hint}. {lister} shows all"
