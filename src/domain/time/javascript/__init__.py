"""Reads the times that JavaScript's `new Date(value)` takes, and refuses what it would have to guess."""

from .values import parse_javascript_time

__all__ = ["parse_javascript_time"]
