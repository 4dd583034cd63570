"""The claim to the next payer, made from a claim and its remittance."""
