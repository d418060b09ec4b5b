"""What Postdate does: one use case per file, over ports only."""
