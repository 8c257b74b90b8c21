"""Amazon's Selling Partner API as a channel of Entrepot."""
