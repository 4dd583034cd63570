"""The claim itself: its states, numbers, rows, history, and what waits for a person."""
