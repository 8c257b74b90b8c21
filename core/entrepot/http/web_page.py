"""A web page where an API's answer should be: a gateway, a proxy or a login form has answered in its place."""

import re

from entrepot.http.answer import Answer

BEGINNINGS = ("<!doctype html", "<html")

TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
UNSEEN = re.compile(r"<(head|script|style)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)


def web_page(answer: Answer) -> str:
    """The page as an error names it, by its title or else its words, not cut; "" where the answer is none."""
    text = answer.body.decode("utf-8", "replace")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    looks_so = text.lstrip().lower().startswith(BEGINNINGS)
    if not looks_so and (kind != "text/html" or answer.refusal_json() is not None or not text):
        return ""
    titled = TITLE.search(text)
    words = " ".join((titled[1] if titled else UNSEEN.sub(" ", text)).split())
    return f"a web page ({kind or 'of no declared type'}): {words or 'without words'}"
