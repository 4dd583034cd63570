"""The one decision on a session: cleared, refused or waiting."""
