"""How Sphinx builds the site (`make docs`): the same Markdown that a code host shows, with nothing added to it.

The source folder is the repository's root, so that relative links to ARCHITECTURE.md, connectors and tests hold in both
places: a page becomes a page, any other file a download.
"""

import re
from collections.abc import Iterator

from sphinx.application import Sphinx

project = "Entrepot"
root_doc = "docs/index"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
include_patterns = ["*.md", "docs/**.md", "connectors/*/README.md"]
exclude_patterns = [".*", "benchmarks", "build", "core", "demo", "dist", "docs/examples", "docs/site", "tests"]
nitpicky = True
myst_heading_anchors = 4

html_theme = "furo"
html_title = project
html_static_path = ["site/static"]
html_css_files = ["style.css"]
html_extra_path = ["site/root"]  # index.html: leads from the site's root to docs/
html_copy_source = False
html_use_index = False

SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
PAGE = re.compile(r"\[([^]]+)\]\(([^)#:]+)\.md\)")


def setup(app: Sphinx) -> None:
    app.connect("source-read", add_navigation)


def add_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    """The sidebar is the index: its headings, and the links under them. A page that it lacks is a warning."""
    if page == app.config.root_doc:
        source[0] += "".join(tree(heading, links) for heading, links in sections(source[0]))


def sections(index: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for heading, text in SECTION.findall(index):
        links = PAGE.findall(text)
        if links:
            yield heading, links


def tree(heading: str, links: list[tuple[str, str]]) -> str:
    entries = "\n".join(f"{words[0].upper()}{words[1:]} <{page}>" for words, page in links)
    return f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{entries}\n```\n"
