"""What the tests need that is no Python package: `python -m tests.tools`, or with `--install` as `make test-tools` does.

It looks for the programs and for what the tracker's lock file lists, and installs them. Servers are only unpacked into
a folder of the repository: installed, they would start. So are classes of Java. Which test uses which is in the tests.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parent.parent
TRACKER = PROJECT / "tracker"
UNPACKED = PROJECT / ".tools"
TOOLS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "nodejs": ("node", "nodejs"),
    "npm": ("npm",),
    "faketime": ("faketime",),
    "xvfb": ("Xvfb",),
    "openbox": ("openbox",),
    "systemd": ("systemd-analyze",),
    "nginx": ("nginx",),
    "prometheus": ("promtool",),
    "default-jdk-headless": ("javac",),
    "openjdk-17-jre-headless": tuple(f"/usr/lib/jvm/java-17-openjdk-{each}/bin/java" for each in ("amd64", "arm64")),
}
"""Debian's package → names of its program, any of which will do."""
SERVERS = ("nginx", "prometheus")
JARS = {
    "libpostgresql-jdbc-java": ("postgresql",),
    "libscram-java": ("scram-client", "scram-common"),
    "libstringprep-java": ("saslprep", "stringprep"),
}
"""Debian's package → its files of Java classes: the driver, and what it signs in with."""
_PATH = os.pathsep.join(
    [os.environ.get("PATH", os.defpath), "/usr/sbin", *(str(UNPACKED / "usr" / each) for each in ("bin", "sbin"))]
)


def find(package: str) -> str | None:
    """Return the path of the package's program, or None if it is missing."""
    return next(filter(None, (shutil.which(name, path=_PATH) for name in TOOLS[package])), None)


def program(package: str) -> str:
    """Return the path of the package's program. A test without it fails with what to do."""
    found = find(package)
    assert found, f"no {package} on this machine: make test-tools"
    return found


def classes() -> str:
    """Return the path by which Java finds what `JARS` lists."""
    return os.pathsep.join(str(_jar(name)) for names in JARS.values() for name in names)


def install(packages: list[str]) -> None:
    """Install by apt, as root or through sudo."""
    apt = [*([] if os.geteuid() == 0 else ["sudo"]), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    subprocess.run([*apt, "update", "--quiet"], check=True)
    subprocess.run([*apt, "install", "--yes", "--quiet", "--no-install-recommends", *packages], check=True)


def unpack(packages: list[str]) -> None:
    """Download packages by apt and unpack them beside the repository's files. Nothing of them is started."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", "--quiet", *packages], cwd=folder, check=True)
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, UNPACKED], check=True)


def _jar(name: str) -> Path:
    return UNPACKED / "usr" / "share" / "java" / f"{name}.jar"


def has_tracker_packages() -> bool:
    """Whether the tracker's packages are those of its lock file."""
    lock, installed = TRACKER / "package-lock.json", TRACKER / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def install_tracker_packages() -> None:
    """Install by npm what the lock file says, into the tracker's own folder. Runs no script of a package."""
    subprocess.run([program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=TRACKER, check=True)


def main() -> None:
    """Install what is missing, or end with its list."""
    missing = [package for package in TOOLS if not find(package)]
    missing += [package for package, names in JARS.items() if not all(_jar(name).exists() for name in names)]
    if "--install" in sys.argv:
        if installed := [package for package in missing if package not in (*SERVERS, *JARS)]:
            install(installed)
        if unpacked := [package for package in missing if package in (*SERVERS, *JARS)]:
            unpack(unpacked)
        if not has_tracker_packages():
            install_tracker_packages()
    elif missing or not has_tracker_packages():
        packages = [*missing, *([] if has_tracker_packages() else ["the packages of tracker/package-lock.json"])]
        sys.exit(f"The tests need {', '.join(packages)}. `make test-tools` installs that by apt and npm.")


if __name__ == "__main__":
    main()
