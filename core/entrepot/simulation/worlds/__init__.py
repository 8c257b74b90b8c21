"""The real daemons on simulated channels: days, blows, and whether the promises held."""
