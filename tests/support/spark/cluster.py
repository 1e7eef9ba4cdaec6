"""A standalone cluster of Spark: a master and workers, each with an address of its own on loopback."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.ingestion.running_collector import wait_until

MASTER, WORKERS = "127.0.0.2", ("127.0.0.3", "127.0.0.4")


@dataclass(frozen=True)
class Cluster:
    """A master and its workers: address → process."""

    url: str
    processes: dict[str, subprocess.Popen]

    def kill(self, address: str) -> None:
        """Kill a process of the cluster and all that it has started, as when a machine dies."""
        os.killpg(self.processes[address].pid, signal.SIGKILL)


@contextmanager
def running_cluster(folder: Path, workers: tuple[str, ...] = WORKERS) -> Iterator[Cluster]:
    """Start a cluster, and end it."""
    with ExitStack() as stack:
        processes = {MASTER: stack.enter_context(_started(folder, MASTER, "master.Master", "--port", "0"))}
        wait_until(lambda: "I have been elected leader" in _log(folder, MASTER))
        url = re.findall(r"spark://[\d.]+:\d+", _log(folder, MASTER))[0]
        for address in workers:
            started = _started(folder, address, "worker.Worker", "--cores", "1", "--memory", "900m", url)
            processes[address] = stack.enter_context(started)
        wait_until(lambda: _log(folder, MASTER).count("Registering worker") == len(workers))
        yield Cluster(url, processes)


@contextmanager
def _started(folder: Path, address: str, what: str, *arguments: str) -> Iterator[subprocess.Popen]:
    import pyspark

    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    conf = folder / "conf"
    conf.mkdir(exist_ok=True)  # Without log4j2.properties, so that Spark logs as it does by default.
    environment = os.environ | {
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": address,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_WORKER_DIR": str(folder / address),
    }
    command = [program, f"org.apache.spark.deploy.{what}", "--host", address, "--webui-port", "0", *arguments]
    with (folder / f"{address}.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _log(folder: Path, address: str) -> str:
    return (folder / f"{address}.log").read_text()
