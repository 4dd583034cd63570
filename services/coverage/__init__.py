"""Coverage: which plans pay, in which order, and is the account paused."""
