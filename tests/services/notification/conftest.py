"""A desk for each test."""

import pytest

from services.notification.app import SERVICE
from tests.services.notification.desk import Desk, Inbox


@pytest.fixture
async def desk(service_under_test, stack_environment) -> Desk:
    sut = await service_under_test(SERVICE)
    return Desk(sut, Inbox(stack_environment["INBOX_URL"]), stack_environment["SMTP_URL"])
