"""The domain: messages, schedules, leases and time. It is pure: no I/O, no clock, no randomness."""
