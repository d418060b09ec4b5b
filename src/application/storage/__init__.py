"""Group commit, group settlement and partition registration: what happens between a use case and the store."""
