"""From an event to the facts of a letter."""
