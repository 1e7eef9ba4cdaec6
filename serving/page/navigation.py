"""Which pages a site has, in the order in which they are listed."""

from serving.page.card import Page
from serving.page.pages import communities, conversions, customers, events, live, overview, shop, trust, widget

PAGES: tuple[Page, ...] = (
    *(overview.PAGE, live.PAGE, shop.PAGE, widget.PAGE, customers.PAGE),
    *(communities.PAGE, conversions.PAGE, events.PAGE, trust.PAGE),
)
BY_NAME = {page.name: page for page in PAGES}
FIRST = PAGES[0]
QUICK_DAYS = (1, 7, 28, 90, 365)
"""Numbers of days that one click chooses."""
