"""The double-entry ledger: accounts, postings, entries. Pure."""
