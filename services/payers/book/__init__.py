"""The stand-in's book: insurers, plans, members and what they cover. Pure."""
