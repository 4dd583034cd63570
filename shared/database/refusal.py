"""Why PostgreSQL cannot be used, in words for an operator: what waiting mends is told apart from what it does not."""

import ssl

import asyncpg

_SPEAKS_FREELY = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
)
"""What the server says before it has let us in: it names roles and databases, never rows."""


class DatabaseRefusesError(Exception):
    """The database was reached, or the way to it is described wrongly: the settings must be corrected."""


def refusal(error: BaseException) -> DatabaseRefusesError | None:
    """What to end with where waiting does not mend the failure to connect; None where it may."""
    match error:
        case ssl.SSLCertVerificationError():
            why = f"its certificate is not trusted, or is of another name ({error.verify_message}): see sslrootcert"
        case ssl.SSLError():
            why = f"it does not agree on TLS ({error.reason}): see sslmode, sslcert and sslkey"
        case ConnectionError() if "rejected SSL" in str(error):
            why = "it offers no TLS, and sslmode asks for it"
        case asyncpg.ClientConfigurationError():
            why = str(error).splitlines()[0][:200]
        case _:
            return None
    return DatabaseRefusesError(f"the database cannot be used: {why}")


def said_by_server(error: BaseException) -> str:
    """The server's words where it does not let us in, such as a wrong password; empty for anything else."""
    return str(error).splitlines()[0][:200] if isinstance(error, _SPEAKS_FREELY) else ""


def in_words(error: BaseException) -> str:
    """Why a command did not reach the database, as far as it may be told; else the kind of the error."""
    return str(refusal(error) or said_by_server(error) or type(error).__name__)
