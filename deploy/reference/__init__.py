"""The pages of `docs/reference`, made from the models, so that they say nothing else than what holds."""
