"""Read what stands on a page."""

import re
from html import unescape


def cells(html, card):
    """The rows of a card's table as texts."""
    section = re.search(rf'<section class="card" id="{card}".*?</section>', html, re.DOTALL)[0]
    body = re.search(r"<tbody>(.*?)</tbody>", section, re.DOTALL)[1]
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]
