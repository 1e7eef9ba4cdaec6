"""The picture in the README and in docs/page.md, made here. UPDATE_PICTURES=1 writes it anew."""

import os
import shutil
import struct

import pytest

from runtime.settings import PROJECT
from tests.support.marts.month import write_month
from tests.support.serving.process import serving
from tests.support.serving.tokens import new

pytestmark = pytest.mark.xdist_group("page")

PICTURE = PROJECT / "docs" / "page.png"
SIZE = (1280, 1000)


def size(file):
    """Width and height of a PNG."""
    return struct.unpack(">II", file.read_bytes()[16:24])


def test_the_picture_of_the_page_is_drawn(finished_night, look, pictures, tmp_path):
    with finished_night.beside(tmp_path / "home") as installation:
        with installation.engine.begin() as connection:
            write_month(connection)
        token = new(installation, "picture", "shop")
        url = installation.database.administrator.render_as_string(hide_password=False)
        with serving(installation.settings.home, tmp_path / "log", FOOTFALL_DATABASE_URL=url) as client:
            look.keep(str(client.base_url), "footfall", token)
            look.at(f"{client.base_url}/sites/shop/overview?from=2026-09-28&to=2026-10-25", SIZE[0])
            drawn = look.picture(pictures / "page.png", SIZE[1])
            assert look.logged() == []
            assert "more than" in look.run("document.querySelector('.tile .change').textContent")
    if os.environ.get("UPDATE_PICTURES"):
        shutil.copyfile(drawn, PICTURE)
    assert size(drawn) == size(PICTURE) == SIZE
