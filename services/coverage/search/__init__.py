"""The search for providers whom all of the client's plans pay."""
