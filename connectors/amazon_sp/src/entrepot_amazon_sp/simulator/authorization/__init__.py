"""Login with Amazon and the Tokens API: which application asks, and what its tokens open."""
