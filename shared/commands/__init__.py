"""The frame of every command line, and the operators' way to what was set aside."""
