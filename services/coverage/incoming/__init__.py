"""What each incoming event changes; every fact leads to the same new decision."""
