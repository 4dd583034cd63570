"""What operators and scripts can ask coverage on the command line."""
