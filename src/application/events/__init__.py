"""The typed events that use cases and loops record."""
