"""What the services share: the contract, X12, the runtime, the frame of pages and commands."""
