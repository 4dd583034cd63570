"""Matching the claims of an 835 to ours, and posting what they decided."""
