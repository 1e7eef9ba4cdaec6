"""The process that runs the checks ends with the one that started it."""

import subprocess
import sys

import pytest

IN_A_CHILD = """
from multiprocessing import get_context

from expectations.checks import checker

if __name__ == "__main__":
    process = get_context("spawn").Process(target=checker.start)
    process.start()
    process.join()
"""


@pytest.mark.parametrize(
    "program", ["from expectations.checks import checker\n\nchecker.start()\n", IN_A_CHILD], ids=["alone", "in a child"]
)
def test_it_ends_with_the_process_that_started_it_and_says_nothing(tmp_path, program):
    """A child of multiprocessing would wait for it until it had been idle for five minutes."""
    script = tmp_path / "program.py"
    script.write_text(program)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("", "")
