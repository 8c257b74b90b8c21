"""Which buckets a request spends from: the account's own, and those of the application that it is made through."""

from collections.abc import Iterator

from attrs import frozen

from entrepot.channel import Limit


@frozen
class Bucket:
    """`owner`: an account or an application. `spent`: the limit's name, as requests have it, and `limit` the limit.

    `within`: the bucket's name among those of the application; "" for the account's own.
    """

    owner: str
    spent: str
    limit: Limit
    within: str = ""

    @property
    def name(self) -> str:
        return f"{self.spent}/{self.within}" if self.within else self.spent

    @property
    def plan(self) -> Limit:
        """What is published of this bucket."""
        return self.limit.application[self.within] if self.within else self.limit


def buckets_of(name: str, limit: Limit, account: str, application: str) -> Iterator[Bucket]:
    """Of a request that spends from the limit of that name."""
    yield Bucket(account, name, limit)
    for within in limit.application:
        yield Bucket(application, name, limit, within)
