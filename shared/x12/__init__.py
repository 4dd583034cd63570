"""Reading and writing X12, a room for each transaction set. Tolerant in reading, strict in writing. Pure."""
