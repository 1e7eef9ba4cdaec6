"""What the tracker costs a page's main thread, beside others: `python -m tests.browser.trace`. No test, and not in CI.

Each tracker is on the same page of its own name, which a person reads, scrolls and clicks for some seconds; Chromium's
trace says how long the main thread ran that script. The others come from their npm packages into a temporary folder.
"""

import gzip
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from runtime.settings import PROJECT
from tests.support.browser.devtools import Browser
from tests.support.browser.screen import screen
from tests.support.browser.tab import Tab
from tests.support.browser.website import PAGE, Answer, Website, website

OURS = {name: PROJECT / "ingestion/collector/http" / f"{name}.js" for name in ("tracker", "tracker.core")}
PACKAGES = {
    "plausible": ("@plausible-analytics/tracker@0.4.6", "plausible.js"),
    "umami": ("umami@2.10.0", "src/tracker/index.js"),
}
"""Name → npm package and the script in it. Umami's is the source, which its own build only makes smaller."""
START = {
    "plausible": 'init({domain: "shop.example", endpoint: "/v1/events", captureOnLocalhost: true,'
    " outboundLinks: true, fileDownloads: true, formSubmissions: true});"
}
"""What a page calls after it has loaded the package."""
RUNS = 5
BODY = '<main style="height: 6000px"><button>press</button></main>'
RUNNING = {"EvaluateScript", "v8.compile", "v8.compileModule", "v8.evaluateModule", "FunctionCall"}
"""Events of the trace in which the main thread runs a script, which they name."""


def fetch(package: str, path: str, folder: Path) -> str:
    """Return a file of an npm package."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.split()[-1]
    with tarfile.open(folder / packed) as archive:
        found = archive.extractfile(f"package/{path}")
        assert found
        return found.read().decode()


def put(site: Website, name: str, script: str) -> None:
    """Put a page with that script under the script's name."""
    label = name.replace(".", "-")
    # A trace does not say how long the evaluation of a module takes: the package becomes a script.
    text = f"{script.replace('export {', 'void {')};\n{START.get(name, '')}"
    javascript = {"content-type": "text/javascript; charset=utf-8"}
    site.answers[label, "/script.js"] = Answer(text, javascript)
    vitals = PROJECT / "ingestion/collector/http/tracker.vitals.js"
    if vitals.exists():
        site.answers[label, "/tracker.vitals.js"] = Answer(vitals.read_text(), javascript)
    head = '<script src="/script.js" data-key="k" data-website-id="w"></script>'
    site.defaults[label] = Answer(PAGE.format(title="Shop", head=head, body=BODY))
    site.faults[label] = [202] * 10_000


def act(tab: Tab) -> None:
    """Read, move the mouse, scroll, click and type for about six seconds."""
    for step in range(60):
        tab.move(100 + 10 * step, 200 + 5 * step)
        time.sleep(0.05)
    for _ in range(4):
        tab.wheel(600)
    for _ in range(4):
        tab.wheel(-600)
    for _ in range(5):
        tab.click("button")
    tab.press("End")
    tab.stay(2)


def traced(browser: Browser, url: str) -> list[dict[str, Any]]:
    """Open a page, act, close it, and return the trace's events."""
    browser.events[""].clear()
    categories = ["devtools.timeline", "v8", "disabled-by-default-v8.compile", "toplevel"]
    browser.command("Tracing.start", traceConfig={"includedCategories": categories}, transferMode="ReportEvents")
    tab = Tab.attach(browser, browser.command("Target.createTarget", url="about:blank", forTab=True)["targetId"])
    tab.go(url)
    act(tab)
    tab.close()
    time.sleep(0.5)
    browser.command("Tracing.end")
    while not any(event["method"] == "Tracing.tracingComplete" for event in list(browser.events[""])):
        time.sleep(0.05)
    parts = [event for event in list(browser.events[""]) if event["method"] == "Tracing.dataCollected"]
    return [event for part in parts for event in part["params"]["value"]]


def milliseconds(events: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the milliseconds of processor time in which the script first ran, and those of all that ran of it."""
    threads: dict[Any, list[tuple[float, float, float, str]]] = defaultdict(list)
    for event in events:
        about = event.get("args", {}).get("data", {}) or {}
        place = about.get("url") or about.get("fileName") or event.get("args", {}).get("fileName") or ""
        if event.get("ph") == "X" and event["name"] in RUNNING and place.endswith(("/script.js", ".vitals.js")):
            span = event["ts"], event["ts"] + event["dur"], event["tdur"], event["name"]
            threads[event["pid"], event["tid"]].append(span)
    first, whole = 0.0, 0.0
    for spans in threads.values():
        end = 0.0
        for start, stop, spent, name in sorted(spans):
            # What runs inside another is a part of it.
            if start < end:
                continue
            end = stop
            whole += spent
            first += spent if name != "FunctionCall" else 0
    return first / 1000, whole / 1000


def measure(scripts: Mapping[str, str]) -> None:
    """Print what each script costs: bytes, first run, whole visit."""
    with (
        tempfile.TemporaryDirectory() as folder,
        website("http://127.0.0.1:9") as site,
        screen() as display,
        Browser(display, Path(folder) / "profile") as browser,
    ):
        for name, script in scripts.items():
            put(site, name, script)
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for _ in range(RUNS):
            for name in scripts:
                url = f"http://{name.replace('.', '-')}.localhost:{site.port}/one"
                found[name].append(milliseconds(traced(browser, url)))
    for name, script in scripts.items():
        size = len(gzip.compress(script.encode(), 9))
        first, whole = (median(values) for values in zip(*found[name], strict=True))
        print(f"{name:14} {size:6} bytes gzip   {first:5.1f} ms to start   {whole:5.1f} ms in a visit of six seconds")


def main() -> None:
    """Measure ours and the others."""
    if sys.argv[1:]:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        others = {name: fetch(package, path, Path(folder)) for name, (package, path) in PACKAGES.items()}
    measure({name: path.read_text() for name, path in OURS.items() if path.exists()} | others)


if __name__ == "__main__":
    main()
