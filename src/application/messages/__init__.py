"""Use cases for messages."""
