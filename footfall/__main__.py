"""`python -m footfall` is the command `footfall`."""

from footfall.cli.main import app

app()
