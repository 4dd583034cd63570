"""Who may do what at Kafka: read from a file, granted by an administrator's client."""

import csv
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1
from aiokafka.protocol.api import Request

from shared.kafka.kafka_access import KafkaAccess

RESOURCES = {"topic": 2, "group": 3, "cluster": 4}
OPERATIONS = {"read": 3, "write": 4, "create": 5, "describe": 8, "describe_configs": 10, "idempotent_write": 12}
_LITERAL, _ALLOW = 3, 3


@dataclass(frozen=True, order=True, slots=True)
class AccessRule:
    """One right: this user may do this with the resource of this name."""

    user: str
    resource: str
    name: str
    operation: str

    def row(self) -> tuple[int, str, int, str, str, int, int]:
        """The right as Kafka's protocol takes it."""
        kind, operation = RESOURCES[self.resource], OPERATIONS[self.operation]
        return (kind, self.name, _LITERAL, f"User:{self.user}", "*", operation, _ALLOW)


def read(text: str) -> list[AccessRule]:
    """The rules of a file with the columns user, resource, name, operation. Raises ValueError: a row is no rule."""
    rows = [row for row in csv.reader(text.splitlines()) if row and not row[0].startswith("#")]
    rules: list[AccessRule] = []
    for row in rows[1:]:
        if len(row) != 4 or row[1] not in RESOURCES or row[3] not in OPERATIONS:
            raise ValueError(f"no rule: {','.join(row)[:100]}")
        rules.append(AccessRule(*row))
    return rules


class _CreateAcls(Request[CreateAclsRequest_v1]):
    """aiokafka has the request's form but no method that sends it."""

    API_KEY = 30

    def __init__(self, rules: list[AccessRule]) -> None:
        self._rules = rules

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        """The request of the version that the broker and we both know."""
        return request_struct_class([rule.row() for rule in self._rules])


async def grant(kafka: KafkaAccess, rules: list[AccessRule]) -> int:
    """Grant the rights; how many. Raises KafkaError: Kafka cannot be reached, keeps no rights, or refuses."""
    admin = AIOKafkaAdminClient(client_id="access", **kafka.client_options())
    try:
        await admin.start()
        controller: Any = admin
        answer = await controller._send_to_controller(_CreateAcls(rules))
        for code, message in answer.creation_responses:
            if code:
                raise for_code(code)(message or "")
        return len(rules)
    finally:
        await admin.close()
