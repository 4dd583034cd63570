"""PostgreSQL below the runtime: pool, migrations and locks, rights, refusals in an operator's words, noted back-ups."""
