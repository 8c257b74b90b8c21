"""What buyers do, what is on show, and the truth about both."""
