"""From a Kafka message to a handler in one transaction, and out again through the outbox."""
