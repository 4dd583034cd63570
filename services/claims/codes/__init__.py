"""What payers' codes mean, and who must act on them. Pure."""
