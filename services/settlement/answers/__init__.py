"""Payers' answers: which of them stand, and the final cost that follows. Pure."""
