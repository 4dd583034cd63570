"""What 0.1.0 kept of 837Ps and decisions in the claims themselves: cleared where they are sealed."""

COPIES_OF_0_1_0 = """
update claims set document = null, decisions = '[]' where (client_id, session_id, role) in (
    select client_id, session_id, role from claims
    where jsonb_typeof(document) = 'object' or decisions @? '$[*].claim ? (@.type() == "object")'
    limit $1 for update skip locked
)
"""
"""Clears the plain copies of some claims, at the most $1."""
