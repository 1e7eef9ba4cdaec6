"""Which landed lines are of one site. Touches no file and no database."""

import msgspec

from ingestion.event.validate import Landed

_DECODER = msgspec.json.Decoder(Landed)


class SiteLines:
    """Recognises the lines of one site, events and rejects."""

    def __init__(self, site_id: str) -> None:
        self._site_id = site_id

    def has_line(self, content: bytes) -> bool:
        """Whether a line of the landing zone is the site's; one that cannot be read is, if it names the site."""
        try:
            return _DECODER.decode(content).site_id == self._site_id
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return f'"site_id":"{self._site_id}"' in content.decode(errors="replace")
