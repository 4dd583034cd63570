"""Sending what is due: pace, quiet hours, SMTP, outcomes, mail that comes back."""
