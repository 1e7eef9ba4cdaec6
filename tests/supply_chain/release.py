"""`python -m tests.supply_chain.release dist`: whether what is to be released is whole, and what it is made of.

It reads the built wheel and sdist, and completes the list of their components (CycloneDX) with licences.
"""

import json
import re
import sys
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from runtime.settings import PROJECT
from tests.supply_chain.licences import is_usable, licence

ELSEWHERE = {"httpx2-jsfetch", "pyreadline3", "pywin32"}
"""Packages of the lock file for other systems."""
NOT_IN_IT = re.compile(r"(^|/)(\.env|\.footfall|\.tools|\.venv|secrets|footfall\.toml)(/|$)|\.password$|\.pyc$")


def main() -> None:
    """Check, complete, and say what there is; end with what is wrong."""
    dist = Path(sys.argv[1])
    wrong = [*faults(dist), *complete(dist / "sbom.cdx.json")]
    for path in sorted(dist.iterdir()):
        print(f"{path.stat().st_size:>12,} {path}")
    sys.exit("\n".join(wrong) if wrong else 0)


def faults(dist: Path) -> list[str]:
    """Return what is wrong with the wheel and the sdist: names, licence, what must not be there."""
    version = newest_release((PROJECT / "CHANGELOG.md").read_text())
    wheel, sdist = dist / f"footfall-{version}-py3-none-any.whl", dist / f"footfall-{version}.tar.gz"
    if missing := [str(path) for path in (wheel, sdist) if not path.exists()]:
        return [f"{', '.join(missing)}: the newest version of CHANGELOG.md is not what was built"]
    with zipfile.ZipFile(wheel) as built, tarfile.open(sdist) as source:
        held = {wheel: built.namelist(), sdist: source.getnames()}
    wrong = [f"{path.name} holds {name}" for path, names in held.items() for name in names if NOT_IN_IT.search(name)]
    for path, names in held.items():
        wrong += [] if any(name.endswith("LICENSE") for name in names) else [f"{path.name} has no LICENSE"]
    for top in ("tests", "bench"):
        wrong += [f"the wheel holds {name}" for name in held[wheel] if name.startswith(f"{top}/")]
    return wrong


def newest_release(changelog: str) -> str:
    """Return the version of the newest heading that is a version."""
    return re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)[0]


def complete(sbom: Path) -> list[str]:
    """Write each component's licence into the list, and return those that must not be used."""
    listed = json.loads(sbom.read_text())
    wrong = []
    for component in listed["components"]:
        name = component["name"]
        if name in ELSEWHERE:
            continue
        try:
            found = licence(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is not installed: run make setup")
            continue
        component["licenses"] = [{"license": {"name": found}}]
        wrong += [] if is_usable(found) else [f"{name}: licence {found}"]
    sbom.write_text(json.dumps(listed, indent=1))
    return wrong


if __name__ == "__main__":
    main()
