"""When a claim may go, what is in it, sending it, correcting what was sent, and its deadlines."""
