"""The stand-in for insurers, the clearinghouse and the payment system: development and tests only."""
