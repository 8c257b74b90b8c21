"""A market behind HTTP in a channel's own words, and what it does wrong when a run asks for it."""
