"""`python -m bench.chart RESULT.json`: where the time of each night goes, drawn as `docs/night.svg`."""

import json
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

CHART = Path(__file__).parent.parent / "docs" / "night.svg"
COLOURS = {
    "start": "#b8c4ce",
    "load": "#4e79a7",
    "dbt": "#e8a33d",
    "check": "#59a14f",
    "publish": "#b07aa1",
    "other": "#dfe4e8",
}
WIDTH, HEIGHT, GAP, TOP = 760, 22, 46, 44


def main() -> None:
    """Draw each figure that is reported by step."""
    figures = json.loads(Path(sys.argv[1]).read_text())["figures"]
    nights = {each["what"]: each["details"]["steps"] for each in figures if "steps" in each["details"]}
    CHART.write_text(draw(nights))
    print(CHART)


def draw(nights: Mapping[str, Mapping[str, float]]) -> str:
    """One bar for each night, its steps in the order of their colours."""
    longest = max(sum(steps.values()) for steps in nights.values())
    parts = list(_legend())
    for number, (what, steps) in enumerate(nights.items()):
        top = TOP + 20 + number * (HEIGHT + GAP)
        parts.append(f'<text x="0" y="{top - 6}">{escape(what)}: {sum(steps.values()):.1f} s</text>')
        parts += _bar(steps, top, WIDTH / longest)
    height = TOP + len(nights) * (HEIGHT + GAP)
    style = "text{font:13px system-ui,sans-serif;fill:#24292f}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 0 {WIDTH + 24} {height}" width="{WIDTH + 24}">'
    ground = f'<rect x="-12" width="{WIDTH + 24}" height="{height}" fill="#fff"/>'
    return "\n".join([head, f"<style>{style}</style>", ground, *parts, "</svg>\n"])


def _legend() -> Iterator[str]:
    for number, (step, colour) in enumerate(COLOURS.items()):
        yield f'<rect x="{number * 92}" y="12" width="13" height="13" fill="{colour}"/>'
        yield f'<text x="{number * 92 + 19}" y="23">{step}</text>'


def _bar(steps: Mapping[str, float], top: int, scale: float) -> Iterator[str]:
    named = {step: steps.get(step, 0) for step in COLOURS}
    named["other"] = sum(steps.values()) - sum(named.values())
    left = 0.0
    for step, seconds in named.items():
        width = seconds * scale
        yield f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{HEIGHT}" fill="{COLOURS[step]}"/>'
        if width > 40:
            yield f'<text x="{left + 5:.1f}" y="{top + 15}">{seconds:.1f}</text>'
        left += width


if __name__ == "__main__":
    main()
