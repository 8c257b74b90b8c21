"""Orders APIs 2026-01-01 and v0: the market's orders in Amazon's words."""
