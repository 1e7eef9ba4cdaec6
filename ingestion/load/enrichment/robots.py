"""Whether a user agent is a robot's, and by which rule. What else it says is for `ingestion.load.user_agents`.

Robots leave all figures, so nothing that a device, a system or an app is called may look like one: what Android's
devices and builds are called, and the names in `_PEOPLE`, are taken out before anything is looked for. A distinct
text takes 0.1 ms: letters that a rule needs are looked for before its regular expression is tried.
"""

import re
from functools import cache
from typing import NamedTuple

import crawleruseragents

from ingestion.load.enrichment.clues import letters_needed

_DEVICE = re.compile(r"(?<=android)[ /-]?[\d.]*(?:;[^;()]*(?:\([^()]*\)[^;()]*)*)+(?=[;)])", re.IGNORECASE)
"""In `(Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv)` all that follows the system."""
_PROGRAM = re.compile(r" *(?:compatible|catchpoint|.*(?<!\w)https?:.*|[\w-]+/\d[\w.]*) *", re.IGNORECASE)
"""A part of these that is no name of a device or a build."""

_PEOPLE = re.compile(
    r"\bcubot\w*|\birobot\b|\btalbots?\b|\bspider-?man\b|viewsonic\w*|htc[ _-]?butterfly\w*|\bcamscanner\b"
    r"|\bmozacfetch\b|\bpsp?\dapplication\b|\blibhttp\b|\bbuild/[\w.-]+|u(?:ser)?[ _-]?agent\b|\bupdate-agent\b"
    r"|\bembedded web browser from: http://[\w.]+/?|\bby \w+\.com\b",
    re.IGNORECASE,
)
"""Brands and apps that hold one of the words below, or a name of the list of crawlers."""

_NO_CRAWLERS = frozenset(
    (
        *(r"AP3A\.240617\.008", r"008\/", r"Code\/1\.", r"Trae\/", r"Fetch\/", r"Miniature\.io\/", "YLT Chrome"),
        *("Fluid", "TSM-turingos", "MetaIAB Facebook", "Viber", "Sogou", "Sonic", "Butterfly", "Fever", "Expanse"),
        r"Notion\/",
    )
)
"""Patterns of the list that browsers and apps match. The robots that they mean call themselves one in other words."""


class _Words(NamedTuple):
    """Words by how they must stand, in small letters, as fragments of regular expressions that begin with a letter."""

    anywhere: str
    ending: str
    """At the end of a name: Googlebot, LinkChecker. CamelCase may go on, small letters may not."""
    alone: str
    """With no letter before or after."""


_KINDS = {
    "calls itself a robot": _Words(
        "crawl spider slurp robot headless mutant",
        "bots? scrap(?:er|ers|ing|y) prob(?:e|er|es|ing) fetch(?:er|ers|ing)? scan(?:ner|ners|ning) harvest(?:er|ing)?"
        " archiv(?:e|er|ers|ing) index(?:er|ing) grabber sniffer collector extractor downloader getter sender lookup"
        " agent(?![A-Z])",
        "scan",
    ),
    "looks after pages": _Words(
        r"monitor uptime sitemap screenshot snapshot favicon webhook pingback pingdom unfurl transcod synthetics"
        r" diagnostics health[\W_]?(?:check|prob) link[\W_]?(?:preview|check|expand) url[\W_]?(?:resolv|expand|check)"
        r" image[\W_]?proxy email[\W_]?proxy page[\W_]?speed web[\W_]?(?:thumb|snap|capture|screen) search[\W_]?engine"
        r" observatory browsershot wkhtmlto webkit2png googleweblight googlemessages site24x7 catchpoint datadog"
        r" dejaclick dynatrace statuscake thousandeyes functionize gomez neustar debugbear zombie nginx clamav",
        "preview previewer check(?:er|ers|ing|s)? valid(?:ator|ation|ate|ity) verif(?:y|ier|ication) audit(?:or)?"
        " analy(?:zer|ser|sis|tics) survey(?:or)? research(?:er)? rss parser classifier inspector examiner tester"
        " resolver leadgen callback",
        r"seo rss rss[a-z]+ feed feed[\W_]?(?:fetch|pars|read|valid|search|burner|bin)[a-z]* generator ping dcv swcd"
        r" ptst siege whatsapp ddg[_-]android docker kubectl gradle browserkit",
    ),
    "is a library for HTTP": _Words(
        "python phantomjs libwww-perl winhttp httrack guzzle okhttp aiohttp pycurl webzip grpc",
        r"http(?!s?:|.pgdl|s?\)) http-?client",
        "curl curl[a-z]+ wget urllib[0-9]? requests ruby perl php lwp got axios node node-[a-z]+ undici dart deno bun"
        " postman[a-z]* insomnia powershell faraday typhoeus restsharp reqwest hyper unirest axel aria2 colly"
        " superagent jersey jakarta cpp-[a-z]+ ktor java/[0-9][0-9._]* go-[a-z]+ httpx httpie rest-client mechanize"
        " hackney commons-[a-z]+ selenium puppeteer playwright webdriver lighthouse cypress slimerjs casperjs splash"
        " nutch prerender[a-z]*",
    ),
}

_SYSTEMS = (
    r"win(?:dows|32|64|\d|ce)|mac|darwin|\bios\b|ipad|ipod|iphone|android|linux|x11|\bcros\b|bsd|sunos|solaris|beos|amiga"
    r"|morphos|haiku|symbian|series ?[46]0|midp|cldc|wap|brew|maui|\bmre/|java|blackberry|palm|nokia|samsung|ericsson"
    r"|\blg[-/e]|\bmot-|\bsec-|\bsie-|docomo|j-phone|kddi|ucweb|htc|zte|huawei|alcatel|karbonn|spice|screen|tv\b|tv[/_]"
    r"|\bps\d|fuchsia|\baft[a-z]|playstation|nintendo|xbox|tizen|kaios|webos|roku|watch|browse|os/2|vms|risc|webkit|gecko|opera"
    r"|play|lynx|links|kindle|vlc|kodi|xbmc|sonos|speaker|cast|pod|fban|galaxy|office|app[/_]|app$|\ba/\d|dlna|xiino|epoc|psion"
    r"|dream|cinnamon|dillo|w3m|midori|flock|vimpro|amaya|mosaic|plan ?9"
)
"""What browsers and apps say they run on."""

_ITSELF = {
    # Where to read about it, and whom to ask: no browser says so.
    "names its page": (
        ("http", "www.", ".com", ".org", ".net", ".io", ".dev", ".app", ".eu"),
        r"\S*(?:https?:/|\bwww\.)[^\s;)]*"
        r"|(?<![\w.-])(?!com\.|org\.|net\.)(?:[a-z][\w-]*\.)+(?-i:com|org|net|io|dev|app|eu)(?![\w.-]|/\d)",
    ),
    "names its owner": (
        ("@", " at ", "[at]"),
        r"[\w.+-]+(?:@| at |\[at\])(?:[\w-]+(?:\.| dot |\[dot\])[a-z]{2,}|local)",
    ),
    # `(compatible; Name/1.0)`: browsers say whom they are compatible with.
    "is compatible with no browser": (
        ("compatible",),
        r"[(;] *compatible; *+(?!MSIE (?!or)|U;|Konqueror|iCab|\w*browse|Amiga|NetPositive|Webpositive|OffByOne|Polaris"
        r"|ANTGalio|AWEB|Origyn|Odyssey|Opera|Mozilla|MMEF|Teleca|Eudora|Netbox|DPlus|UP\.|ms-office|Windows"
        r"|Linux|RISC|Gecko)[\w .-]+(?:/v?\d[\w.-]*)?[ ;)]",
    ),
    "is Google's": (("google",), r"\bgoogle-[a-z]\w*|\b[a-z]+-google\b|\bgoogle search console\b"),
    "is an attack": (
        ("{", "<", "passwd", "burp", "oast", "load_file"),
        r"\$\{.*|\{\{.*|<class.*|<script.*|/etc/passwd|\bburpcollaborator\b|\boast\.\w+|\bload_file\b",
    ),
}

_ALONE = re.compile(
    rf"mozilla/[\d.]+ (?:(?!linux|opera)[\w-]+(?:/[\d.]+)?$"
    rf"|\((?![^)]*(?:{_SYSTEMS}))(?:compatible;?|\w+(?: \w+)?|[\w-]+/[\d.]+)\))"
    rf"|(?!mozilla|.*(?:{_SYSTEMS}))"
    r"(?:[a-z][\w./-]*(?: +[\w./-]+){0,3}(?:/|[ /-]v?\.?)\d(?:[\w.-]*\w)?(?![\w.])|[a-z_/-]+$)"
    r"|[\w ./-]+, mozilla/",
    re.IGNORECASE,
)
"""A name, with `Mozilla/5.0` before it or not, and no system: browsers say what they run on."""


def robot_reason(user_agent: str) -> str | None:
    """Return the rule by which it is a robot's, None where it is a person's."""
    text = _DEVICE.sub(_programs, user_agent)
    reason = _reason(text)
    if reason and _PEOPLE.search(text):
        return _reason(_PEOPLE.sub("", text))
    return reason


def _programs(device: re.Match[str]) -> str:
    """What is left of a device's part."""
    return ";".join(part for part in device[0].split(";") if _PROGRAM.fullmatch(part))


def _reason(text: str) -> str | None:
    if pattern := _listed(text):
        return f"crawler list: {pattern}"
    small = text.lower()
    for stem, rule, kind in _rules():
        if stem in small and (found := rule.search(text)):
            return f"{kind}: {found[0].strip()}"
    return f"says its name alone: {found[0]}" if (found := _ALONE.match(text)) else None


def _listed(text: str) -> str | None:
    """Return the first pattern of the list that fits."""
    literals, patterns = _crawlers()
    begun = set(literals).intersection(map("".join, zip(text, text[1:], text[2:], strict=False)))
    fitting = [pattern for letters in begun for literal, pattern in literals[letters] if literal in text]
    return min(fitting, default=None) or next((each.pattern for each in patterns if each.search(text)), None)


@cache
def _crawlers() -> tuple[dict[str, list[tuple[str, str]]], list[re.Pattern[str]]]:
    """Return the list in two: plain texts with their patterns, by their first three letters, and all else."""
    literals: dict[str, list[tuple[str, str]]] = {}
    patterns = []
    for pattern in (each["pattern"] for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA):
        literal = re.sub(r"\\(\W)", r"\1", pattern)
        is_literal = len(literal) > 2 and not re.search(r"[][(){}^$|*+?.]|\\\w", re.sub(r"\\\W", "", pattern))
        if pattern in _NO_CRAWLERS:
            continue
        if is_literal:
            literals.setdefault(literal[:3], []).append((literal, pattern))
        else:
            patterns.append(re.compile(pattern))
    return literals, patterns


@cache
def _rules() -> list[tuple[str, re.Pattern[str], str]]:
    """Return of each rule letters that it needs, a pattern that finds what it is about, and its kind."""
    rules = [
        (letters_needed(word), pattern, kind)
        for kind, words in _KINDS.items()
        for word, pattern in (
            *((word, rf"(?i:[\w.-]*{word}[\w.-]*)") for word in words.anywhere.split()),
            *((word, rf"[\w.-]*(?:{_in_cases(word)})(?![a-z])[\w.-]*") for word in words.ending.split()),
            *((word, rf"(?i:(?<![a-z]){word}(?![a-z])[\w./-]*)") for word in words.alone.split()),
        )
    ]
    rules += [(stem, f"(?i:{pattern})", kind) for kind, (stems, pattern) in _ITSELF.items() for stem in stems]
    return [(stem, re.compile(pattern), kind) for stem, pattern, kind in rules]


def _in_cases(word: str) -> str:
    """Bot, bot or BOT, but not the boT of fuboTV."""
    return f"{word}|{word[0].upper()}{word[1:]}|{word.upper()}(?![A-Z])"
