"""Settlement: what a session costs the client, what the provider is paid, where every cent is."""
