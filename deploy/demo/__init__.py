"""The stories of `make demo`: upstream's events in, real services, payers that answer in X12, letters in an inbox."""
