"""The client's statement: what each plan paid, and what is still open."""
