"""What these user agents say of themselves, as a person reads them. Tests that ask the oracle use no others."""

COLUMNS = ("device_type", "browser", "browser_version", "os", "os_version", "is_bot", "bot_reason")

_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome"

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
SAFARI = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI}/26.1 Safari/605.1.15"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) {_SAFARI}/26.1 Mobile/15E148 Safari/604.1"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME}/142.0.0.0 Mobile Safari/537.36"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) {_SAFARI}/17.7 Mobile/15E148 Safari/604.1"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME}/142.0.0.0 Safari/537.36"
EDGE = f"{CHROME} Edg/142.0.0.0"
FIREFOX_MOBILE = "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0"
ANDROID_TABLET = f"Mozilla/5.0 (Linux; Android 14; SM-X910) {_CHROME}/142.0.0.0 Safari/537.36"
TELEVISION = f"Mozilla/5.0 (Linux; Android 12; BRAVIA 4K VH2) {_CHROME}/142.0.0.0 Safari/537.36"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BINGBOT = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
AHREFSBOT = "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"
GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"

PYTHON = "python-requests/2.32.3"

AGENTS = {
    FIREFOX: ("desktop", "Firefox", "144.0", "Linux", None, False, None),
    SAFARI: ("desktop", "Safari", "26.1", "Mac OS X", "10.15", False, None),
    IPHONE: ("mobile", "Mobile Safari", "26.1", "iOS", "18.7", False, None),
    ANDROID: ("mobile", "Chrome Mobile", "142.0", "Android", "10", False, None),
    IPAD: ("tablet", "Mobile Safari", "17.7", "iOS", "17.7", False, None),
    CHROME: ("desktop", "Chrome", "142.0", "Windows", "10", False, None),
    EDGE: ("desktop", "Edge", "142.0", "Windows", "10", False, None),
    FIREFOX_MOBILE: ("mobile", "Firefox Mobile", "144.0", "Android", "15", False, None),
    ANDROID_TABLET: ("tablet", "Chrome", "142.0", "Android", "14", False, None),
    TELEVISION: ("tv", "Chrome", "142.0", "Android", "12", False, None),
    GOOGLEBOT: (None, "Googlebot", "2.1", None, None, True, r"crawler list: Googlebot\/"),
    BINGBOT: (None, "bingbot", "2.0", None, None, True, "crawler list: bingbot"),
    AHREFSBOT: (None, "AhrefsBot", "7.0", None, None, True, "crawler list: Ahrefs(Bot|SiteAudit)"),
    PYTHON: (None, "Python Requests", "2.32", None, None, True, "crawler list: python-requests"),
    GPTBOT: (None, "GPTBot", "1.2", None, None, True, "crawler list: GPTBot"),
}


def device(viewing: str | None, first: str | None) -> dict:
    """The columns of a session that user agents decide: that of who looked at pages, else the first that is no robot's."""
    unknown = (None, None, None, None, None, False, None)
    given = AGENTS[viewing or first] if viewing or first else unknown
    is_robot = given[COLUMNS.index("is_bot")]
    return dict(zip(COLUMNS, unknown if is_robot and not viewing else given, strict=True))
