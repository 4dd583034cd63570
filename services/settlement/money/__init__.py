"""Estimate, rate, payout, refund, forecast, and the state the ledger should have. Pure."""
