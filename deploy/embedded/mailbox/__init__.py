"""The inbox that the letters of the embedded stack go to, with its page."""
