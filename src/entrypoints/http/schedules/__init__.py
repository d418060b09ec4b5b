"""The endpoints under `/v1/schedules`."""
