"""What a build on Spark needs of this machine: packages, Java, a master that answers, a folder. Looks only."""

import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from footfall.spark.java import SUPPORTED, find_java
from runtime.errors import FootfallError
from runtime.settings import Settings

PACKAGES = {"pyspark": "4.0.1", "dbt-spark": "1.11.0"}
"""Package → the version that extra `spark` installs."""
_MASTER_SECONDS = 5.0
_INSTALL_JAVA = "apt install openjdk-17-jre-headless, or set JAVA_HOME to a Java 17"


class SparkError(FootfallError):
    """Why nothing can be built on Spark now. Marts are as they were."""


@dataclass(frozen=True)
class Need:
    """Something that a build on Spark needs, whether it is there, and what to do if not."""

    ok: bool
    what: str
    fix: str


def is_local(url: str) -> bool:
    """Whether Spark runs in a process of this machine alone."""
    return url.startswith("local")


def needs(settings: Settings) -> Iterator[Need]:
    """Give what a build on Spark needs, in the order in which to see to it."""
    found = {package: _version(package) for package in PACKAGES}
    wanted = ", ".join(f"{package} {wanted}" for package, wanted in PACKAGES.items())
    there = ", ".join(f"{package} {found[package] or 'is missing'}" for package in PACKAGES)
    yield Need(found == PACKAGES, f"Spark is installed: {there}", f"pip install 'footfall[spark]' ({wanted})")
    yield _java()
    if not is_local(settings.spark_url):
        yield from _masters(settings.spark_url)
    existing = next(path for path in (settings.spark, *settings.spark.parents) if path.exists())
    writable = os.access(existing, os.W_OK)
    yield Need(writable, f"the folder for Spark, {settings.spark}, can be written", f"write access to {existing}")


def require(settings: Settings) -> None:
    """Require all of that.

    Raises:
        SparkError: something is missing; the message says what to do.
    """
    for need in needs(settings):
        if not need.ok:
            raise SparkError(f"engine = spark, for which this must hold: {need.what}; {need.fix}")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _java() -> Need:
    oldest, newest = SUPPORTED
    java = find_java()
    if not java:
        at = os.environ.get("JAVA_HOME")
        where = f"in JAVA_HOME, {at}" if at else "on the path"
        return Need(False, f"Java {oldest} is there: there is none {where}", _INSTALL_JAVA)
    said = f"Java {java.version}" if java.version else "a Java of an unknown version"
    what = f"Java {oldest} to {newest} is there: {java.program} is {said}"
    return Need(java.is_supported, what, _INSTALL_JAVA)


def _masters(url: str) -> Iterator[Need]:
    """Give whether one of the masters takes connections: with several, one leads and the others stand by."""
    addresses = re.findall(r"([^\s:/,]+):(\d+)", url.removeprefix("spark://"))
    refusals = [_refusal(host, int(port)) for host, port in addresses]
    said = "; ".join(filter(None, refusals))
    fix = f"{said}: start it (sbin/start-master.sh), or correct spark_url"
    yield Need(None in refusals, f"the master of Spark answers, {url}", fix)


def _refusal(host: str, port: int) -> str | None:
    try:
        with socket.create_connection((host, port), _MASTER_SECONDS):
            return None
    except OSError as error:
        return f"{host}:{port} does not answer ({error})"
