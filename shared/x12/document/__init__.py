"""A whole interchange as one JSON document."""
