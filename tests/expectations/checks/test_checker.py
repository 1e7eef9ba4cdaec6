"""The process that runs the checks ends with the one that started it."""

import subprocess
import sys

ALONE = "from expectations.checks import checker\n\nchecker.start()\n"
IN_A_CHILD = """
from multiprocessing import get_context

from expectations.checks import checker

if __name__ == "__main__":
    process = get_context("spawn").Process(target=checker.start)
    process.start()
    process.join()
"""


def test_it_ends_with_the_program_that_started_it_and_says_nothing(tmp_path):
    done = run(tmp_path, ALONE)
    assert (done.stdout, done.stderr) == ("", "")


def test_it_ends_with_a_child_of_multiprocessing(tmp_path):
    """Such a child would wait for it until it had been idle for five minutes."""
    run(tmp_path, IN_A_CHILD)


def test_it_ends_with_a_program_that_was_killed(tmp_path):
    """It holds the program's output: who reads that waits for both."""
    script = tmp_path / "program.py"
    script.write_text(ALONE + "print('started', flush=True)\nimport time\n\ntime.sleep(600)\n")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as program:
        assert program.stdout.readline() == b"started\n"
        program.kill()
        program.communicate(timeout=60)


def run(folder, program):
    """Run a program that must end within two minutes, and without an error."""
    script = folder / "program.py"
    script.write_text(program)
    return subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=True)
