"""Pure decisions about stock: what a count means, what to show, what an observation proves."""
