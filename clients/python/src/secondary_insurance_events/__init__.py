"""Builds, checks and reads the events of secondary insurance.

from secondary_insurance_events import message
from secondary_insurance_events.sessions import Line, SessionConfirmed

event = SessionConfirmed(client_id="client-1", ...)
ready = message(event, source="/practice-system", id="session-1-confirmed")
producer.send(ready.topic, key=ready.key, value=ready.value, headers=ready.headers)
"""

from secondary_insurance_events.publishing import Message, Refusal, message, problems, read

__all__ = ["Message", "Refusal", "message", "problems", "read"]
