"""The OpenAPI document is exact: what it describes is answered so, and whatever is asked, no bug answers."""

import os
import subprocess
import sys

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


def test_no_request_finds_a_bug_or_an_answer_that_the_document_does_not_describe(client, tokens, tmp_path, size):
    """Sites are one that the token reads: any other is a 404, before anything else is looked at."""
    (tmp_path / "schemathesis.toml").write_text('[parameters]\n"path.site" = "shop"\n')
    arguments = (
        *("run", f"{client.base_url}/openapi.json", "--header", f"Authorization: Bearer {tokens['shop']}"),
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--mode", "all"),
        *("--max-examples", str(size(15, 500)), "--generation-deterministic", "--no-color"),
        # A live stream has no end.
        *("--exclude-path-regex", "/live/stream$"),
    )
    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *arguments],
        cwd=tmp_path,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=size(120, 1800),
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "generated" in run.stdout, run.stdout
