"""Taking in X12 interchanges: kept, read once, split into pieces."""
