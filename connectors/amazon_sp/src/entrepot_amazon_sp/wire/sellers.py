"""Where a seller sells, as Amazon's Sellers API v1 tells it, as far as it is read."""

from attrs import frozen


@frozen
class Marketplace:
    id: str


@frozen
class Participation:
    isParticipating: bool


@frozen
class MarketplaceParticipation:
    marketplace: Marketplace
    participation: Participation


@frozen
class MarketplaceParticipations:
    payload: tuple[MarketplaceParticipation, ...]
