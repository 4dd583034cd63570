"""A service as a running process: its start and end, its upkeep, its health, and its way back after a restore."""
