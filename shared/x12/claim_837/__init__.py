"""The 837P: a professional claim, read and written, with the edits of the implementation guide."""
