"""The contracts of ports, as test classes to inherit from."""
