"""One folder a service. A service never imports another: they share `shared/`, and they talk in events."""
