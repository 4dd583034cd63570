"""What operators and scripts can ask notification on the command line."""
