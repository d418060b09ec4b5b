"""How messages and schedules are encoded in the store."""
