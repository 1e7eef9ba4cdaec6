"""The licence of every package that an installation brings, and whether it may be used beside ours. Reads metadata only."""

import re
from importlib.metadata import PackageMetadata, metadata

FREE = ("MIT", "BSD", "Apache", "ISC", "PSF", "Python Software Foundation", "Zlib", "CC0", "0BSD")
WEAK = ("MPL", "Mozilla Public License", "LGPL", "Lesser General Public License")
"""Copyleft of the package's own files; used unchanged, they ask nothing of ours."""
READ = {
    "crawler-user-agents": "MIT",
    "text-unidecode": "Artistic-1.0-Perl",
}
"""What a person read in the package: its metadata names no licence, or lets one choose among several."""


def licence(package: str) -> str:
    """Return the licence of an installed package, as its metadata has it."""
    return READ.get(package) or _of(metadata(package)) or "unknown"


def is_usable(name: str) -> bool:
    """Whether each part of a licence is one of those that were decided on."""
    parts = re.split(r"\bAND\b|; ", name)
    return name in READ.values() or all(any(known in part for known in (*FREE, *WEAK)) for part in parts)


def _of(found: PackageMetadata) -> str:
    classified = [each.rpartition(" :: ")[2] for each in found.get_all("Classifier") or [] if "License :: " in each]
    written = (found.get("License") or "").strip().partition("\n")[0]
    return found.get("License-Expression") or "; ".join(classified) or written
