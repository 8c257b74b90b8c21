"""What a running daemon says of itself: to whoever asks over HTTP, and in its log."""
