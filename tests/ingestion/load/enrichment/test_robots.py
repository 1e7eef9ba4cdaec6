import time

import crawleruseragents
import pytest

from ingestion.load.enrichment.clues import Clues, alternatives, letters_needed
from ingestion.load.enrichment.robots import robot_reason

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
WEBVIEW = "Mozilla/5.0 (Linux; Android 15; {}; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.142 Mobile Safari/537.36"

SELF_DECLARED = [
    "Google-Display-Ads-Bot",
    "TikTok-Bot/1.0",
    "TikTokSpider",
    "EasouSpider",
    "GPTBot/1.2",
    "Mozilla/5.0 (compatible; ShopWatchBOT/3; en)",
    "Mozilla/5.0 (compatible; some_bot)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 (compatible; Newbot/1.0)",
    "Mozilla/5.0 (Linux; Android 8.0; Pixel 2 Build/OPD3.170816.012; Shopbot-Nordic/1.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/81.0.4044.138 Mobile Safari/537.36",
    f"{CHROME} PriceCrawler/2",
    f"{CHROME} my-scraper",
    "Acme Web Scraping Service",
    "acme-probe/0.3",
    "Blackbox Prober",
    "InternetSlurp 3",
    "PortScanner/2",
    "Acme Archiver",
    "image indexer 2",
]
LOOKING_AFTER_PAGES = [
    "ELB-HealthChecker/2.0",
    "Amazon-Route53-Health-Check-Service (ref 0b; report http://amzn.to/1)",
    "GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)",
    "kube-probe/1.29",
    "Acme Monitor 1",
    "uptime_kuma",
    f"{CHROME} Link-Preview",
    "AcmeLinkPreview/1.0",
    "LinkChecker/9",
    "w3c validator",
    f"{CHROME} HeadlessChrome/141",
    "WhatsApp/2.23.20.0 A",
    "Acme Feed Fetcher",
    f"{CHROME} site24x7",
]
LIBRARIES = [
    "Java/1.8.0_392",
    "python-requests/2.32.3",
    "Python/3.12 aiohttp/3.9.5",
    "Go-http-client/2.0",
    "axios/1.7.2",
    "node",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "undici",
    "GuzzleHttp/7",
    "curl/8.5.0",
    "Wget/1.21.4",
    "okhttp/4.12.0",
    "Apache-HttpClient/4.5.14 (Java/17.0.9)",
    "libwww-perl/6.67",
    "Ruby",
    "PHP/8.3.1",
    "Dart/3.2 (dart:io)",
    "reqwest/0.11.24",
    "Faraday v2.9.0",
    "PostmanRuntime/7.36.3",
    "Scrapy/2.11.0 (+https://scrapy.org)",
]
OTHERWISE_KNOWN = [
    "Mozilla/5.0 (compatible; Acme/1.0; +https://acme.example/about)",
    "Mozilla/5.0 (compatible; Acme/1.0)",
    f"{CHROME} (ask webmaster@acme.example)",
    "Mozilla/5.0 Acme/1.0",
    "Acme/1.0",
    "Acme/1.0 (batch 7)",
    "Mozilla/5.0 (Acme/1.0)",
    f"Acme, {CHROME}",
    "DuplexWeb-Google/1.0",
    "${jndi:ldap://127.0.0.1}",
]
PEOPLE = [
    CHROME,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1; Trident/6.0)",
    "Mozilla/5.0 (compatible; Konqueror/4.4; Linux) KHTML/4.4.5 (like Gecko) Kubuntu",
    "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10.289 Version/12.02",
    "Lynx/2.9.0dev.6 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/1.1.1j",
    "Nokia6120c/3.83; Profile/MIDP-2.0 Configuration/CLDC-1.1",
    # Builds and models are called as they are.
    WEBVIEW.format("CPH2557 Build/AP3A.240617.008")
    + " Instagram 406.0.0.58.159 Android (35/15; 480dpi; OPPO; CPH2557)",
    WEBVIEW.format("Pixel 10 Build/CP1A.260305.018") + " MetaIAB Facebook",
    WEBVIEW.format("G011A Build/N2G48H") + " Viber/20.1",
    WEBVIEW.format("CUBOT_NOTE_S Build/MRA58K"),
    WEBVIEW.format("GLX SpiderI Build/KOT49H"),
    WEBVIEW.format("ViewSonic VSD220 Build/JRO03C"),
    WEBVIEW.format("HTC Butterfly s Build/KOT49H"),
    WEBVIEW.format("Fever_Plus_J"),
    WEBVIEW.format("POWER BOT Build/MRA58K"),
    "Mozilla/5.0 (Linux; Android 4.4.2; HTCButterflys901s Build/KOT49H) AppleWebKit/537.36 (KHTML like Gecko) Chrome/41.0.2272.96 Mobile Safari/537.36",
    "Cubot/1.0 Mozilla/5.0 (Linux; Android 11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0 Mobile Safari/537.36",
    "DESAY TS1008/1.0 Release/07.12.2013 Mozilla/5.0 (Linux; U; Android 4.0.3; zh-cn) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
    # Apps and browsers with a name of the list.
    "Mozilla/5.0 (Linux; U; Android 5.0.2; zh-cn; Redmi Note 2 Build/LRX22G) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30 SogouMSE,SogouMobileBrowser/4.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.75 Safari/537.36 SE 2.X MetaSr 1.0 Sogou",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.115.0 Chrome/142.0.7444.265 Electron/39.8.5 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Trae/1.107.1 Chrome/142.0.7444.235 Electron/39.2.7 Safari/537.36",
    "fuboTV/4.75.0 (Linux;Android 9; AFTDCT31 Build/PS7664.3772N) FuboPlayer/v1.34.0",
    "ExampleApp/1 CFNetwork/808.3 Darwin/16.3.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111.0.0.0 Mobile Safari/537.36 (Ecosia android@111.0.5563.116)",
    "nothing known",
    "",
]


@pytest.mark.parametrize("agent", [*SELF_DECLARED, *LOOKING_AFTER_PAGES, *LIBRARIES, *OTHERWISE_KNOWN])
def test_a_robot_is_known_by_what_it_calls_itself(agent):
    assert robot_reason(agent)


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_are_not_taken_for_robots_whatever_their_devices_and_apps_are_called(agent):
    assert robot_reason(agent) is None


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", r"crawler list: Googlebot\/"),
        ("TikTok-Bot/1.0", "calls itself a robot: TikTok-Bot"),
        ("Acme Monitor 1", "looks after pages: Monitor"),
        ("Java/1.8.0_392", "is a library for HTTP: Java/1.8.0_392"),
        (
            "Mozilla/5.0 (compatible; Acme/1.0; +https://acme.example/about)",
            "names its page: +https://acme.example/about",
        ),
        ("Acme/1.0", "says its name alone: Acme/1.0"),
    ],
)
def test_the_reason_names_the_rule_and_what_met_it(agent, reason):
    assert robot_reason(agent) == reason


def test_the_list_of_crawlers_is_found_but_for_those_that_people_match():
    instances = [agent for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA for agent in each["instances"]]
    missed = [agent for agent in instances if not robot_reason(agent)]
    assert len(missed) / len(instances) < 0.01


def test_a_distinct_user_agent_takes_less_than_a_millisecond():
    agents = [agent for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA for agent in each["instances"]][:400]
    robot_reason(CHROME)
    began = time.process_time()
    for agent in [*agents, *PEOPLE]:
        robot_reason(agent)
    assert (time.process_time() - began) / (len(agents) + len(PEOPLE)) < 0.001


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        ("bots?", "bot"),
        (r"apple ?tv", "apple"),
        (r"\bgt-(?:p\d|n[58]\d)", "gt-"),
        (r"health[\W_]?(?:check)", "health"),
        (r"[;) ]\d{2,4}[a-z]{1,4}", ""),
    ],
)
def test_letters_needed_are_in_whatever_a_pattern_matches(pattern, letters):
    assert letters_needed(pattern) == letters


def test_clues_are_the_alternatives_of_one_expression():
    assert list(alternatives(r"a|(?:b|c)d|[|]\|e")) == ["a", "(?:b|c)d", r"[|]\|e"]
    assert Clues(r"tv\b|box").search("a TV")[0] == "TV"
    assert Clues(r"tv\b|box").search("tvs") is None
