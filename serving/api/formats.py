"""The formats over HTTP: their media types, and which of them a request asks for. Pure."""

from footfall.answers.formats import Format

MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.NDJSON: "application/x-ndjson",
}
CHARSETS = {Format.CSV: "; charset=utf-8; header=present"}


def accepted(header: str) -> Format | None:
    """Return the format that an `Accept` header likes best; None if it takes none of ours."""
    if not header.strip():
        return Format.JSON
    best: tuple[float, int, Format] | None = None
    for part in header.split(","):
        kind, *given = (piece.strip() for piece in part.lower().split(";"))
        quality = next((_quality(each[2:]) for each in given if each.startswith("q=")), 1.0)
        for rank, (form, media) in enumerate(MEDIA_TYPES.items()):
            fits = kind in (media, f"{media.partition('/')[0]}/*", "*/*")
            if fits and quality > 0 and (best is None or (quality, -rank) > best[:2]):
                best = (quality, -rank, form)
    return best[2] if best else None


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
