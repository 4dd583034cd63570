"""Personal values sealed at rest: data keys, what wraps them, and where they are kept."""
