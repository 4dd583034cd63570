"""The stand-in's office: takes in inquiries and claims, answers them, pays."""
