"""Connections to a server, a cluster or a sentinel setup, and what the driver raises."""
