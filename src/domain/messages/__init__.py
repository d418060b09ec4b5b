"""Messages: what is delivered, its states and its history."""
