"""The letters: their templates, the facts that each needs, their words in two languages."""
