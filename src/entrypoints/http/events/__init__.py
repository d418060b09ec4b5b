"""The endpoint `/v1/events`."""
