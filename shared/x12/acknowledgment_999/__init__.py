"""The 999 and 997: whether a set could be read."""
