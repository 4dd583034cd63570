"""The 270: the question for benefits."""
