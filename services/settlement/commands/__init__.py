"""What operators and scripts can ask settlement on the command line."""
