"""The encoding of messages, schedules and events in the store."""
