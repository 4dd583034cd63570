"""What the stand-in's plans pay for a claim, and the 835 that says so. Pure."""
