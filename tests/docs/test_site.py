"""The pages make a site: no warning, no page that the sidebar lacks, no link that leads nowhere."""

import shutil
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.test_hygiene import ROOT


def build(root, site):
    """As `make docs` does."""
    options = ["-E", "-q", "-W", "--keep-going", "-c", root / "docs", "-d", site / "doctrees"]
    command = [sys.executable, "-m", "sphinx", *options, root, site / "html"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert (done.returncode, done.stderr) == (0, ""), "see what it says; then: make docs"
    return folder / "html"


class Links(HTMLParser):
    """Addresses that a page leads to, and the names of its places."""

    def __init__(self, text):
        super().__init__()
        self.hrefs, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids.add(values.get("id"))
        if tag == "a" and values.get("href"):
            self.hrefs.append(values["href"])


def leads_nowhere(page, href, pages):
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        return False
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    anchor = unquote(parts.fragment)
    return not target.exists() or bool(anchor and target in pages and anchor not in pages[target].ids)


def test_every_link_of_the_site_leads_somewhere(site):
    pages = {page.resolve(): Links(page.read_text("utf-8")) for page in site.rglob("*.html")}
    assert len(pages) > 30
    assert (site / "docs" / "index.html").resolve() in pages
    broken = [
        (page.relative_to(site.resolve()), href)
        for page, links in pages.items()
        for href in links.hrefs
        if leads_nowhere(page, href, pages)
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("# Lost\n", "isn't included in any toctree"),
        ("# Lost\n\n[there](gone.md)\n", "cross-reference target not found"),
    ],
)
def test_a_page_that_is_wrong_fails_the_build(text, warning, tmp_path):
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "docs" / "site", docs / "site")
    shutil.copy(ROOT / "docs" / "conf.py", docs)
    (docs / "index.md").write_text("# Index\n\n## Reference\n\n- [Page](page.md)\n")
    (docs / "page.md").write_text("# Page\n")
    (docs / "lost.md").write_text(text)
    done = build(tmp_path, tmp_path / "build")
    assert done.returncode
    assert warning in done.stderr
