"""Reaching Kafka: brokers, credentials, rights, topics, and reading a topic from its beginning."""
