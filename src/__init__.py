"""Postdate: a durable, distributed message scheduler."""
