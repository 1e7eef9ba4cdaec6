"""Requests of people about their data, from filing to the receipt. Commands and Dagster's job both call these."""

from collections.abc import Callable, Iterator

import psutil

from footfall.pipeline import night
from footfall.pipeline.installation import Installation, published_marts
from footfall.pipeline.night import Say
from footfall.privacy.erase import erase, remove_landed_lines, write_beside_backups
from footfall.privacy.export import write_export
from footfall.privacy.find import Found, data_of
from footfall.privacy.receipt import write_receipt
from ingestion.event import ids
from ingestion.load.file_load import suppressed_by
from ingestion.load.suppressed import Suppressed
from warehouse.access.sites import require_site
from warehouse.postgres.locks import CANDIDATE, PRIVACY, RETENTION, TODAY, held
from warehouse.postgres.roles import Role
from warehouse.privacy import requests
from warehouse.privacy.person import MOST_DEVICES, PersonError, Subject, ids_known
from warehouse.privacy.personal_data import read_rejects
from warehouse.privacy.requests import (
    Action,
    ErasureReceipt,
    ExportReceipt,
    ReadmissionReceipt,
    Receipt,
    Refusal,
    Request,
)
from warehouse.privacy.suppressions import lift, make_key, merge_suppressions, read_key, read_suppressions, subject_hash


def subject_of(site_id: str, user: str | None, device: str | None) -> Subject:
    """Return the subject named by the one id that is given.

    Raises:
        PersonError: no id or two ids are given, or the id is malformed.
    """
    if (user is None) == (device is None):
        raise PersonError("say who: either --user or --device")
    subject = ids.normalise(user or device or "")
    if not subject:
        raise PersonError(
            "that is not the id of a person, and the collector refuses it: look it up with `footfall psql`"
        )
    return Subject(site_id, "user" if device is None else "device", subject)


def look(installation: Installation, subject: Subject, most_devices: int | None = None) -> list[Found]:
    """Return what an export would show and an erasure delete, place by place. Loads first; changes nothing else."""
    with installation.engine_of(Role.ERASER).connect() as connection:
        require_site(connection, subject.site_id)
    night.load(installation)
    with (
        held(installation.engine_of(Role.ERASER), PRIVACY),
        data_of(installation, subject, most_devices or MOST_DEVICES) as data,
    ):
        return data.measure()


def request(installation: Installation, action: Action, subject: Subject, most_devices: int | None = None) -> int:
    """File a request in the trail, and return its number. An open request is not filed twice."""
    with installation.engine_of(Role.ERASER).begin() as connection:
        require_site(connection, subject.site_id)
        key = make_key(connection, installation.settings.landing, installation.settings.suppression_key)
        hashed = subject_hash(key, subject.site_id, subject.kind, subject.subject)
        by = psutil.Process().username()
        return requests.file_request(connection, action, subject, hashed, most_devices or MOST_DEVICES, by)


def carry_out(installation: Installation, request_id: int, say: Say) -> Receipt:
    """Carry out a request, record it in the trail, and return the receipt. Steps that are done are not repeated.

    Raises:
        PersonError: there is no such request; or it cannot be carried out, or only in part, as the trail says too.
    """
    with held(installation.engine_of(Role.ERASER), PRIVACY):
        with installation.engine_of(Role.ERASER).connect() as connection:
            asked = requests.read_request(connection, request_id)
            if asked is None:
                # A command and Dagster's sensor may take the same one: who comes second has what came out.
                return requests.read_receipt(connection, request_id)
        try:
            receipt = _DO[asked.action](installation, asked, say)
        except PersonError as refusal:
            _close(installation, asked, "refused", Refusal(reason=str(refusal)))
            raise
        unreadable = receipt.unreadable if isinstance(receipt, ErasureReceipt) else []
        _close(installation, asked, "incomplete" if unreadable else "done", receipt)
    if unreadable:
        raise PersonError(
            f"erased, but for files that cannot be unpacked: {', '.join(unreadable)}. They may hold lines of the"
            " person: repair or delete them, and ask again"
        )
    return receipt


def erase_again(installation: Installation, say: Say) -> int:
    """Erase again the erased people whom a restored database holds. Return how many ids they were found by."""
    done: set[Subject] = set()
    while returned := set(_returned(installation)) - done:
        # Users first: their devices go with them.
        subject = max(returned, key=lambda each: (each.kind == "user", each.site_id, each.subject))
        carry_out(installation, request(installation, "erase", subject), say)
        done.add(subject)
    _remove_returned_lines(installation)
    return len(done)


def _remove_returned_lines(installation: Installation) -> None:
    """Remove lines of erased people from the restored files whose events the database does not hold any more."""
    engine = installation.engine_of(Role.ERASER)
    with held(engine, PRIVACY), held(engine, CANDIDATE), held(engine, RETENTION):
        with engine.connect() as connection:
            suppressed = suppressed_by(connection, installation.settings.suppression_key)
        if suppressed:
            remove_landed_lines(installation, suppressed, ErasureReceipt())


def _returned(installation: Installation) -> Iterator[Subject]:
    """Give the ids in the database that were erased and not readmitted since."""
    with installation.engine_of(Role.ERASER).connect() as connection:
        erased = [
            each for each in read_suppressions(connection) if not (each.lifted_at or each.from_at or each.until_at)
        ]
        hashes = {(each.site_id, each.kind, each.subject_hash) for each in erased}
        key = read_key(installation.settings.suppression_key) if erased else b""
        for site_id in sorted({each.site_id for each in erased}):
            for kind, subject in ids_known(connection, published_marts(installation), site_id):
                if (site_id, kind, subject_hash(key, site_id, kind, subject)) in hashes:
                    yield Subject(site_id, kind, subject)
        suppressed = Suppressed(erased, key)
        for row in read_rejects(connection) if erased else ():
            yield from (Subject(*each) for each in suppressed.named(row.site_id, row.received_at, row.payload))


def _export(installation: Installation, asked: Request, say: Say) -> ExportReceipt:
    say(f"loaded     {night.load(installation)}")
    with data_of(installation, asked.subject, asked.most_devices) as data:
        folder, counts = write_export(data)
    say(f"exported   {folder}")
    return ExportReceipt(places=counts, folder=folder.name)


def _erase(installation: Installation, asked: Request, say: Say) -> ErasureReceipt:
    engine = installation.engine_of(Role.ERASER)
    with held(engine, TODAY), held(engine, CANDIDATE), held(engine, RETENTION):
        return erase(installation, asked, say)


def _readmit(installation: Installation, asked: Request, say: Say) -> ReadmissionReceipt:
    """Accept events of the person again that occur from now on."""
    key, subject = read_key(installation.settings.suppression_key), asked.subject
    with installation.engine_of(Role.ERASER).begin() as connection:
        merge_suppressions(connection, installation.settings.landing)
        hashed = subject_hash(key, subject.site_id, subject.kind, subject.subject)
        lifted = lift(connection, installation.settings.landing, subject.site_id, hashed)
    if not lifted:
        raise PersonError("no person of that id is kept out: `footfall person requests` shows who was erased when")
    write_beside_backups(installation, say)
    return ReadmissionReceipt(lifted=lifted)


_DO: dict[Action, Callable[[Installation, Request, Say], Receipt]] = {
    "export": _export,
    "erase": _erase,
    "readmit": _readmit,
}


def _close(installation: Installation, asked: Request, state: str, receipt: Receipt) -> None:
    with installation.engine_of(Role.ERASER).begin() as connection:
        requests.close(connection, asked.request_id, state, receipt)
    if asked.action == "erase":
        write_receipt(installation.settings, asked.request_id, state, receipt)
