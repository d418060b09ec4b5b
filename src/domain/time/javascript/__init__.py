"""Reads the times that JavaScript's `new Date(value)` takes, and refuses what it would have to guess."""

from .values import read_javascript_time

__all__ = ["read_javascript_time"]
