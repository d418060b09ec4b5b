"""Parses the times that JavaScript's `new Date(value)` accepts, and refuses those that could be misread."""

from .parse import parse_javascript_time

__all__ = ["parse_javascript_time"]
