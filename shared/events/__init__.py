"""The catalogue of events: one file per owner, each event one pydantic model, one past-tense fact."""
