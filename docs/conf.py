"""How the documentation is built: `make docs`."""

from clarion import __version__

project = "Clarion"
author = "Clarion contributors"
project_copyright = "2026, Clarion contributors"
release = version = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Clarion"
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
