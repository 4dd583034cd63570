"""Claims: to the primary, then to the secondary with the primary's result."""
