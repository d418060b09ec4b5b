"""Use cases for schedules, and the loop that plans their occurrences."""
