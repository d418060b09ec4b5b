"""What ports promise, as test classes to inherit from."""
