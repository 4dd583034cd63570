"""Which of the client's plans count on a date, and what is known of each. Pure."""
