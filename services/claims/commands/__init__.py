"""What operators and scripts can ask claims on the command line."""
