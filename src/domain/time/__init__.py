"""Time: instants, durations, local times and recurrence."""
