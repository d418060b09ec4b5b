"""The Lua scripts as typed methods."""
