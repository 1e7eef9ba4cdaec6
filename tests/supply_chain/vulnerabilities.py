"""Ask whether anything in uv.lock has a known vulnerability: `python -m tests.supply_chain.vulnerabilities`.

Exit code 1 names each. Where no service answers within the time, it says plainly that nothing was audited.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

SERVICES = {"pypi": "PyPI", "osv": "OSV"}
PATIENCE_SECONDS = 60
PROBE = "pip==25.0"
"""One package that every service knows: asked about first."""
_BIN = Path(sys.executable).parent


def judge(dependencies: list[dict]) -> tuple[int, list[str]]:
    """How many packages the service knew, and each vulnerability with the versions that fix it."""
    known = [each for each in dependencies if "skip_reason" not in each]
    found = [
        f"{each['name']} {each['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for each in known
        for flaw in each["vulns"]
    ]
    return len(known), found


def ask(service: str, requirements: Path) -> list[dict]:
    """What the service says of the requirements; nothing where it does not answer."""
    command = [
        *(str(_BIN / "pip-audit"), "--vulnerability-service", service, "--requirement", str(requirements)),
        *("--disable-pip", "--no-deps", "--progress-spinner", "off", "--timeout", "5", "--format", "json"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        return json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return []


def main() -> int:
    """Ask one service after the other until one knows what is locked."""
    with TemporaryDirectory() as folder:
        probe, locked = Path(folder) / "probe.txt", Path(folder) / "locked.txt"
        probe.write_text(PROBE)
        export = [str(_BIN / "uv"), "export", "--quiet", "--frozen", "--no-emit-project", "--output-file", str(locked)]
        subprocess.run(export, stdout=subprocess.DEVNULL, check=True)
        for service, name in SERVICES.items():
            if not judge(ask(service, probe))[0]:
                continue
            dependencies = ask(service, locked)
            known, found = judge(dependencies)
            if known:
                print("\n".join([*found, f"{known} of {len(dependencies)} locked packages audited by {name}"]))
                return len(found) > 0
    print(f"vulnerabilities NOT AUDITED: {' and '.join(SERVICES.values())} did not answer")
    return 0


if __name__ == "__main__":
    sys.exit(main())
