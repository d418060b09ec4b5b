"""Where messages go: one file per channel."""
