"""The HTTP API. Handlers see use cases only."""
