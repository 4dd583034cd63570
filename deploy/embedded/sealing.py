"""The key that seals personal values in the embedded database: made once, and kept beside the data that it seals.

That protects nothing; it lets whoever tries the services see them as they run in production.
"""

import os
import secrets

from deploy.embedded.stack import Stack

_FILE = "data-key"


def sealed_with(stack: Stack) -> dict[str, str]:
    """The setting that seals; none where the database is the user's own, whose key this must not be."""
    if "DATA_KEY" in os.environ or stack.database_admin_url is None:
        return {}
    file = stack.run.folder / _FILE
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return {"DATA_KEY": file.read_text()}
