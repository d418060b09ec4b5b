"""What Postdate is about: messages, leases, time. Pure: no I/O, no clock, no randomness."""
