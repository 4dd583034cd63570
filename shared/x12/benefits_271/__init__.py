"""The 271: what a plan covers, the client's share, other payers."""
