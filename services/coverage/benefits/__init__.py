"""Asking payers for benefits (270) and taking in their answers (271)."""
