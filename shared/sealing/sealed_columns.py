"""The columns of one table that hold personal values: what goes into them, and what comes out."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.sealing.data_keys import DataKeys, place

Dump = Callable[[Any], bytes]
_EMPTY = (b"{}", b"[]")


class SealedColumns:
    """Columns by name with their types: `text`, `bytea`, or `jsonb`, where a sealed value is a JSON string.

    `key` are the columns by which a row's values are bound to it; `dumps` give the JSON of a jsonb column's values.
    Empty texts, lists and objects stay as they are: SQL may ask for them.
    """

    def __init__(
        self, table: str, key: Sequence[str], types: Mapping[str, str], dumps: Mapping[str, Dump] | None = None
    ) -> None:
        self.table, self.key, self.types, self._dumps = table, tuple(key), dict(types), dumps or {}
        self._free = [column for column, kind in types.items() if kind != "jsonb"]

    def closing(self, keys: DataKeys) -> Sequence[str]:
        """The columns whose values may be written in another way than they are: without keys free text and bytes."""
        return self._free if keys.number is None else list(self.types)

    def close_row(self, values: dict[str, Any], key: Sequence[Any], keys: DataKeys) -> dict[str, Any]:
        """Seal in `values`, one row by column, what is to be sealed."""
        for column in self.closing(keys):
            values[column] = self.closed(column, values[column], key, keys)
        return values

    def open_row(self, values: dict[str, Any], keys: DataKeys) -> None:
        """Open in `values`, one row as the database gives it, what is sealed. Raises SealingError."""
        if self.types:
            key = [values[column] for column in self.key]
            for column in self.types:
                values[column] = self.opened(column, values[column], key, keys)

    def opened(self, column: str, stored: Any, key: Sequence[Any], keys: DataKeys) -> Any:
        """What the column of the row with this key holds. Raises SealingError."""
        if stored is None:
            return None
        about = place(self.table, column, key)
        match self.types[column]:
            case "jsonb":
                return keys.open_json(stored, about)
            case "bytea":
                return keys.open(stored, about)
            case _:
                return keys.open_text(stored, about)

    def closed(self, column: str, value: Any, key: Sequence[Any], keys: DataKeys) -> Any:
        """What the column of the row with this key is to hold."""
        if value is None or value == "" or value == b"":
            return value
        about = place(self.table, column, key)
        match self.types[column]:
            case "jsonb":
                document = self._dumps[column](value)
                return value if document in _EMPTY else keys.seal_json(document, about)
            case "bytea":
                return keys.seal(value, about)
            case _:
                return keys.seal_text(value, about)

    def resealed(self, column: str, stored: Any, key: Sequence[Any], keys: DataKeys) -> Any:
        """What the column holds, as the database takes it, sealed with the present data key, or plain without one.

        Raises SealingError.
        """
        if stored in (None, "", b"", "{}", "[]", "null"):
            return stored
        value, about = self.opened(column, stored, key, keys), place(self.table, column, key)
        match self.types[column]:
            case "jsonb" if keys.number is None:
                return value if isinstance(value, str) else value.decode()
            case "jsonb":
                return json.dumps(keys.seal_json(value.encode() if isinstance(value, str) else value, about))
            case "bytea":
                return keys.seal(value, about)
            case _:
                return keys.seal_text(value, about)
