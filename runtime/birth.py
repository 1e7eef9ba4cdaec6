"""When a process was born, by a clock that no one sets: with its id, that names one process for ever.

The time of day that psutil gives for it moves with the machine's clock on Linux. The count of ticks since the machine
started does not, and each start of the machine has another id.
"""

import sys
from pathlib import Path

import psutil


def birth_of(pid: int) -> str | None:
    """Return the birth of a process, or None if it has ended. A zombie has ended; its parent has not waited for it."""
    try:
        process = psutil.Process(pid)
        born = _since_start(pid) if sys.platform == "linux" else repr(process.create_time())
        return None if process.status() == psutil.STATUS_ZOMBIE else born
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return None


def _since_start(pid: int) -> str:
    """Return the machine's start and the ticks from it to the birth of the process."""
    # The name of the program, in parentheses, may hold spaces and parentheses: the fields are counted after it.
    fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{fields[19]}"
