"""`make dashboards`: write the bundle of Footfall's own marts and metrics into superset/, from dbt's manifest."""

import shutil
import sys
from pathlib import Path

from footfall.superset.bundle.bundle import files

folder = Path(__file__).parent / "superset"
shutil.rmtree(folder, ignore_errors=True)
for name, text in files(Path(sys.argv[1])).items():
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
