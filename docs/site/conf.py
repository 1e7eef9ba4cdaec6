"""How `make docs` makes a site of docs/: pages that need no network, with a search that works from the disk."""

project = "Footfall"
extensions = ["myst_parser"]
root_doc = "index"
html_theme = "alabaster"
html_theme_options = {
    "description": "An exact batch warehouse for web and app behaviour",
    "fixed_sidebar": True,
    "page_width": "70rem",
    "body_max_width": "none",
}
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html"]}
html_show_copyright = False
html_show_sphinx = False
myst_heading_anchors = 4
# Links to folders of the repository; tests/documentation looks whether they are there.
suppress_warnings = ["myst.xref_missing", "toc.not_included", "misc.highlighting_failure"]
