"""`POST /v1/messages/batch`."""
