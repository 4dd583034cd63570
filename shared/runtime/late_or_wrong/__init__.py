"""What other systems send late or wrong: who is told, and which of two facts holds."""
