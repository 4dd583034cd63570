"""What all sets share: delimiters, segments, loops, envelopes, parties, adjustments."""
