"""Decorators of the store: batching, group commit and partition registration."""
