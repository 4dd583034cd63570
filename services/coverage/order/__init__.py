"""Which plan pays first: the rules of the order of benefits. Pure."""
