"""The endpoints under `/v1/messages` and `/v1/forecast`."""
