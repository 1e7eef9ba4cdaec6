"""The real nginx with the configuration of docs/nginx.conf, on loopback, before a collector and a server of answers."""

import itertools
import os
import re
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from runtime.settings import PROJECT
from tests.support.ingestion.running_collector import free_port, wait_until
from tests.tools import program

AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/footfall.conf;
}}
"""


@dataclass(frozen=True)
class Front:
    """Where it listens, and the certificate that clients trust."""

    events: str
    figures: str
    trusted: ssl.SSLContext

    def client(self, url: str, address: str = "127.0.0.1") -> httpx.Client:
        """A client at one of the addresses of this machine."""
        transport = httpx.HTTPTransport(verify=self.trusted, local_address=address)
        return httpx.Client(base_url=url, transport=transport, timeout=30)


@contextmanager
def nginx(folder: Path, collector: str, serving: str) -> Iterator[Front]:
    """Run it for a while. Only names, ports and certificates are other than in the documentation."""
    make_certificate(folder)
    ports = [free_port() for _ in range(3)]
    conf = (PROJECT / "docs" / "nginx.conf").read_text()
    conf = re.sub(r"\n *listen \[::\].*", "", conf)
    following = itertools.chain(ports)
    conf = re.sub(r"listen \d+( ssl)?;", lambda found: f"listen 127.0.0.1:{next(following)}{found[1] or ''};", conf)
    conf = re.sub(r"/etc/ssl/\S+\.(pem|key);", rf"{folder}/own.\1;", conf)
    conf = conf.replace("127.0.0.1:8030", collector.removeprefix("http://"))
    conf = conf.replace("127.0.0.1:8040", serving.removeprefix("http://"))
    (folder / "footfall.conf").write_text(conf)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    with (folder / "nginx.log").open("ab") as log:
        process = subprocess.Popen(
            [program("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")], stderr=log
        )
    front = Front(
        f"https://127.0.0.1:{ports[1]}",
        f"https://127.0.0.1:{ports[2]}",
        ssl.create_default_context(cafile=str(folder / "own.pem")),
    )
    try:
        with front.client(front.figures) as client:
            wait_until(lambda: answers(client, process, folder / "nginx.log"))
        yield front
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(client: httpx.Client, process: subprocess.Popen, log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        return client.get("/healthz").is_success
    except httpx.TransportError:
        return False


def make_certificate(folder: Path) -> None:
    """One for 127.0.0.1 and localhost, signed by itself."""
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    wanted = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext {names}"
    files = ["-keyout", str(folder / "own.key"), "-out", str(folder / "own.pem")]
    subprocess.run(["openssl", *wanted.split(), *files], check=True, capture_output=True)
