"""The loop: claim a stream, do one page of work, commit, let go."""
