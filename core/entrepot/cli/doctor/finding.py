"""One line of the doctor's report, and the codes of what it may say."""

from enum import StrEnum

from attrs import frozen

CODES = {
    "D001": "plugins.toml has no account.",
    "D002": "There are no articles: every offer is unmapped.",
    "D010": "The channel answers, and does not know what it is asked for: an address or an id is wrong.",
    "D011": "The channel cannot be reached.",
    "D012": "A permission is missing, which some channels call a role.",
    "D013": "The credentials are refused: a secret, a token or the application's id is wrong.",
    "D014": "The owner's consent is missing: it was revoked, has expired, or belongs to another application.",
    "D015": "The authorization is good for another region than that of the marketplaces.",
    "D016": "The credentials are good for another environment: the sandbox's in production, or the reverse.",
    "D017": "The account does not sell in a marketplace that plugins.toml names.",
    "D018": "The channel failed, or its answer cannot be used.",
    "D019": "Nothing was asked: the allowance of an operation is used up for the moment.",
    "D020": "The channel removes, within 180 days, something that the plugin calls.",
    "D021": "This machine's clock and the channel's are apart.",
    "D022": "What lets us in ends soon: a secret grows old, or the owner's consent does.",
    "D030": "The database cannot be used as it is; nothing was asked of any channel, for calls are counted in it.",
    "D031": "There is no backup yet.",
    "D032": "The last backup is more than a week old.",
    "D033": "The disk has less room than a copy of the database takes.",
    "D034": "Secrets are kept, and no key is named that opens them.",
    "D035": "A kept secret opens with none of the keys.",
    "D036": "Secrets are still encrypted with a previous key.",
}
"""Codes are stable; the text here is the documentation's."""


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    ERROR = "error"


@frozen
class Finding:
    """`account` is empty for what concerns all. `code` and `next` are empty where all is well."""

    account: str
    subject: str
    state: State
    message: str
    code: str = ""
    next: str = ""


@frozen
class Subject:
    """What is looked at; makes its findings."""

    name: str
    account: str = ""

    def fine(self, message: str) -> Finding:
        return Finding(self.account, self.name, State.OK, message)

    def warn(self, code: str, message: str, next_: str) -> Finding:
        return Finding(self.account, self.name, State.WARN, message, code, next_)

    def wrong(self, code: str, message: str, next_: str) -> Finding:
        return Finding(self.account, self.name, State.ERROR, message, code, next_)
