"""An event loop whose time jumps, with chance in place of the scheduler."""
