"""Each service's OpenAPI, attacked by schemathesis: whatever is sent, no answer is a fault of ours."""

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr

from services.claims.app import SERVICE as CLAIMS
from services.coverage.app import SERVICE as COVERAGE
from services.notification.app import SERVICE as NOTIFICATION
from services.settlement.app import SERVICE as SETTLEMENT
from shared.process.process import Process
from shared.process.serving import served

EVERY_CHECK: list[Any] = list(HealthCheck)
OPERATIONS = ("/health", "/metrics")  # 503 is their way to say that work cannot be done
OPERATORS_PAGES = ("/letters",)


def attack(url: str, pages_url: str) -> list[str]:
    """Send generated requests to every operation; the operations that were attacked."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    results: list[Any] = list(schema.get_all_operations())
    operations = [result.ok() for result in results]
    attacked = [operation for operation in operations if not operation.path.startswith(OPERATIONS)]
    for operation in attacked:
        attack_one(operation, url if operation.path.startswith(OPERATORS_PAGES) else pages_url)
    return [operation.label for operation in attacked]


def attack_one(operation: Any, url: str) -> None:
    """Send generated requests to one operation at this address."""

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=EVERY_CHECK)
    @given(case=operation.as_strategy())
    def is_no_fault_of_ours(case: Any) -> None:
        assert case.call(base_url=url).status_code < 500, case.as_curl_command()

    is_no_fault_of_ours()


@pytest.mark.properties
@pytest.mark.parametrize(
    ("service", "least"),
    [(COVERAGE, 3), (NOTIFICATION, 3), (SETTLEMENT, 0), (CLAIMS, 0)],
    ids=lambda given: getattr(given, "name", ""),
)
async def test_no_request_of_any_shape_is_a_fault_of_ours(
    service_under_test: Any, service: Any, least: int, unused_tcp_port_factory: Any
):
    sut = await service_under_test(service)
    known: dict[str, Any] = {"database_url": SecretStr(sut.dsn), "kafka_bootstrap_servers": "127.0.0.1:1"}
    if service is NOTIFICATION:
        known["bounce_secret"] = SecretStr("a secret of the tests")
    port, pages_port = unused_tcp_port_factory(), unused_tcp_port_factory()
    process = Process(service, service.settings(**known, http_port=port, pages_port=pages_port))
    process.pool = sut.pool

    async with served(process):
        attacked = await asyncio.to_thread(attack, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{pages_port}")

    assert len(attacked) >= least
