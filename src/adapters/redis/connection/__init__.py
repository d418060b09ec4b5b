"""Connections to a server, a cluster or a primary behind sentinels, and the translation of the driver's errors."""
