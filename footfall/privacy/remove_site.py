"""Remove a site with all that is stored of it: keys first, then rows, then lines of files and copies, the site last.

It may be killed anywhere and run again: the site stays listed, without keys, until the rest is gone. Backups are left
alone; one of before brings the site back.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from footfall.pipeline import night
from footfall.pipeline.installation import Installation
from footfall.pipeline.night import Say
from footfall.privacy.erase import remove_landed_lines
from footfall.spark.folder import clear
from ingestion.collector.device_keys import destroy, key_files
from ingestion.load.remove_lines import RESTING, SiteLines, find_lines, resting
from runtime.failpoints import reach
from warehouse.access.site_analysts import revoke_site_analyst
from warehouse.access.sites import SiteError, require_site, revoke_key, write_registry
from warehouse.postgres.locks import CANDIDATE, PRIVACY, RETENTION, TODAY, held
from warehouse.privacy.erased_relations import record_erased
from warehouse.privacy.erasure import COPIES, vacuum
from warehouse.privacy.requests import ErasureReceipt
from warehouse.privacy.site_rows import count_rows, delete_rows, delete_site, relations

REGISTRY_SECONDS = 1.5
"""Collectors read the registry every second."""


def look(installation: Installation, site: str) -> dict[str, int]:
    """Count what is stored of the site. Changes nothing.

    Returns:
        Place → number of rows, lines or files there.

    Raises:
        SiteError: no such site.
    """
    with installation.engine.connect() as connection:
        require_site(connection, site)
        found = count_rows(connection, site)
    for folder in RESTING:
        files = resting(installation.settings.landing, folder)
        found[f"landing/{folder}"] = sum(len(find_lines(file, SiteLines(site))) for file in files)
    found["exports"] = len(list(_exports(installation, site)))
    found["device_keys"] = len(key_files(installation.settings.device_keys, site))
    return {place: count for place, count in found.items() if count}


def remove(installation: Installation, site: str, say: Say) -> dict[str, int]:
    """Remove the site with all that is stored of it.

    Returns:
        Place → number of rows, lines or files removed.

    Raises:
        SiteError: no such site; or files that may hold its lines cannot be read, all else being removed.
    """
    engine = installation.engine
    with held(engine, PRIVACY), held(engine, TODAY), held(engine, CANDIDATE), held(engine, RETENTION):
        _close(installation, site)
        time.sleep(REGISTRY_SECONDS)
        say(f"loaded     {night.load(installation)}")
        with engine.begin() as connection:
            gone, places = delete_rows(connection, site), relations(connection)
            record_erased(connection, [*places, "raw.user_agents", *COPIES])
            reach("remove_site:rows", connection)
        receipt = ErasureReceipt()
        gone |= remove_landed_lines(installation, SiteLines(site), receipt)
        reach("remove_site:files")
        for folder in _exports(installation, site):
            shutil.rmtree(folder)
            gone["exports"] = gone.get("exports", 0) + 1
        keys = key_files(installation.settings.device_keys, site)
        destroy(keys)
        gone["device_keys"] = len(keys)
        for page in installation.settings.checks.glob("*.html"):  # They may quote its rows.
            page.unlink()
        clear(installation.settings)
        vacuum(engine, [*places, "raw.user_agents"])
        if receipt.unreadable:
            raise SiteError(
                f"files that may hold lines of {site} cannot be unpacked: {', '.join(receipt.unreadable)}. Repair or"
                " delete them, and run this again; all else is removed"
            )
        with engine.begin() as connection:
            delete_site(connection, site)
            write_registry(connection, installation.settings.site_registry)
    return {place: count for place, count in gone.items() if count}


def _close(installation: Installation, site: str) -> None:
    """Let no one post to the site or read it any more."""
    with installation.engine.begin() as connection:
        require_site(connection, site)
        for end in (revoke_key, revoke_site_analyst):
            try:
                with connection.begin_nested():
                    end(connection, site)
            except SiteError:
                continue  # There is none left.
        write_registry(connection, installation.settings.site_registry)


def _exports(installation: Installation, site: str) -> Iterator[Path]:
    """Give the folders of exports of the site's people. Their names begin with the site."""
    for folder in installation.settings.exports.glob("*"):
        if folder.name.lstrip(".").rsplit("-", 2)[0] == site:
            yield folder
