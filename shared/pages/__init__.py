"""The frame of the clients' pages: layout, signed links, a guard against floods."""
