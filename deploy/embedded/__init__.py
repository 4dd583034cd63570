"""Kafka, PostgreSQL and an inbox on a bare machine, and the services on them, without containers."""
