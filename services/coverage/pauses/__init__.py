"""Issues that only the client can settle: opening, reminding, judging the answer, the yearly question."""
