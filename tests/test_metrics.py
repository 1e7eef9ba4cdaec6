"""Metrics as `mf` gives them are the same as SQL on the published marts."""
import csv
import subprocess
import sys
import os
import pytest
from footfall import night
from tests.conftest import event, rows
def test_x(here, landing, tmp_path):
    landing.land(event("2026-11-02 09:00"), event("2026-11-02 09:00", device="d2"), event("2026-11-02 09:01", device="d2", user_id="ann"), event("2026-11-03 09:01", device="d2", user_id="ann"))
    night.nightly(here, say=lambda line: None)
    env = os.environ | {"FOOTFALL_HOME": str(here.settings.home), "FOOTFALL_DATABASE_URL": here.database.owner.render_as_string(hide_password=False)}
    import time
    for a in (["query","--metrics","sessions,visitors,engagement_rate,conversion_rate,conversions,page_views,conversation_rate","--group-by","metric_time__day,site"],["query","--metrics","sessions","--group-by","metric_time__month"],["query","--group-by","metric_time__year"], ["query","--metrics","conversions","--group-by","session__channel"], ["list"]):
        t=time.time()
        d=subprocess.run([sys.executable,"-m","footfall","metrics",*a],env=env,capture_output=True,text=True)
        print(a, d.returncode, time.time()-t); print(d.stdout[-3000:]); print(d.stderr[-3000:])
