"""Schedules: messages that recur."""
