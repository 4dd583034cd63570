"""The wrapper of data keys that the settings name."""

from collections.abc import Sequence
from datetime import timedelta

from shared.sealing.keeping_keys import KeyKeeper
from shared.sealing.key_command import KeyCommand
from shared.sealing.key_encryption import KeyEncryptionKey, KeyWrapper
from shared.settings import UNSEALED, ServiceSettings


def wrappers(config: ServiceSettings) -> Sequence[KeyWrapper]:
    """The command where there is one, the key, the key before: the first wraps new data keys."""
    texts = [key.get_secret_value() for key in (config.data_key, config.data_key_before) if key is not None]
    command = [] if config.data_key_command is None else [KeyCommand(config.data_key_command)]
    return [*command, *(KeyEncryptionKey(text) for text in texts if text != UNSEALED)]


def key_keeper(config: ServiceSettings, service: str) -> KeyKeeper:
    """The keeper of the data keys of a service's database."""
    return KeyKeeper(service, wrappers(config), timedelta(days=config.data_key_days), seals=not unseals(config))


def unseals(config: ServiceSettings) -> bool:
    """Whether the settings say that values are meant to be stored as they are; the other keys only open."""
    return config.data_key is not None and config.data_key.get_secret_value() == UNSEALED
