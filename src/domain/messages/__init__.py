"""Messages: their content, statuses, transitions and history."""
