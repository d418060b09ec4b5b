"""Parsing of request bodies and query parameters."""
