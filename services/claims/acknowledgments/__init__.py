"""What 999s, 277CAs and 277s say of a claim, and what is done about it."""
