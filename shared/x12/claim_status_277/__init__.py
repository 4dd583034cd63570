"""The 276, 277 and 277CA: the status of a claim."""
