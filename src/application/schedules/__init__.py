"""The use cases of schedules, and the loop that plans their occurrences."""
