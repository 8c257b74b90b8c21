"""A relative link in a Markdown file leads to a file, and to a heading in it where it names one."""

import re

import pytest

from tests.docs.test_hygiene import ROOT, committed_files

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)


def anchors(text):
    """As code hosts make them: small letters, no punctuation, hyphens for spaces."""
    headings = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path):
    links = LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    return [link for link in links if not re.match(r"[a-z]+:", link) and not leads_somewhere(path, link)]


def leads_somewhere(path, link):
    name, _, anchor = link.partition("#")
    target = path.parent / name if name else path
    return target.exists() and (not anchor or anchor in anchors(target.read_text(encoding="utf-8")))


def test_relative_links_lead_somewhere():
    pages = [path for path in committed_files() if path.suffix == ".md"]
    assert pages
    broken = {str(path.relative_to(ROOT)): broken_links(path) for path in pages}
    assert {page: links for page, links in broken.items() if links} == {}


@pytest.mark.parametrize("link", ["gone.md", "page.md#gone", "#gone"])
def test_a_broken_link_is_seen(link, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# What is here\n[good](page.md#what-is-here) [web](https://shop.example) [bad]({link})\n")
    assert broken_links(page) == [link]
