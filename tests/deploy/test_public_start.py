"""A start in public needs a brand of one's own: one line says which settings still name the example."""

import pytest

from services.claims.settings import Settings as ClaimsSettings
from services.coverage.settings import Settings as CoverageSettings
from services.notification.settings import Settings as NotificationSettings
from services.settlement.settings import Settings as SettlementSettings
from shared import settings
from shared.settings import ServiceSettings

PAGES = {"BRAND_PRODUCT_NAME": "Harbor", "BRAND_SUPPORT_ADDRESS": "help@harbor.test"}
LETTERS = {**PAGES, "BRAND_SENDER_NAME": "Harbor", "BRAND_FROM_ADDRESS": "letters@harbor.test"}
BILLS = {"BILLING_NAME": "Harbor Group"}
NEEDED: dict[str, tuple[type[ServiceSettings], str, dict[str, str]]] = {
    "coverage": (CoverageSettings, "PUBLIC_URL", {**BILLS, **PAGES}),
    "claims": (ClaimsSettings, "PUBLIC_URL", BILLS),
    "settlement": (SettlementSettings, "PUBLIC_URL", PAGES),
    "notification": (NotificationSettings, "COVERAGE_URL", LETTERS),
}
every_service = pytest.mark.parametrize("service", NEEDED)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch):
    for service in NEEDED:
        monkeypatch.setenv(f"DATABASE_URL_{service.upper()}", "postgresql://a:b@127.0.0.1:1/none")
    monkeypatch.setenv("LINK_KEY", "0f5c55b2e9d14c7aa86b3f0e12d97c44")
    monkeypatch.setenv("DATA_KEY", "none")


@every_service
def test_in_public_each_setting_that_names_the_example_is_named_on_one_line(service: str, monkeypatch, capsys):
    model, url, needed = NEEDED[service]
    monkeypatch.setenv(url, "https://insurance.harbor.test")

    with pytest.raises(SystemExit):
        settings.load(model, service)

    line = capsys.readouterr().err
    assert line.count("\n") == 1
    named = line.partition(": set ")[2].partition(" to your own")[0].split(", ")
    assert sorted(named) == sorted(needed)

    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    settings.load(model, service)


@every_service
def test_on_ones_own_machine_the_example_will_do(service: str):
    settings.load(NEEDED[service][0], service)


def test_a_brand_that_cannot_be_read_is_named_on_one_line(monkeypatch, capsys):
    for name, value in {**LETTERS, "COVERAGE_URL": "https://harbor.test", "BRAND_ACCENT_COLOR": "#eeeeee"}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit):
        settings.load(NotificationSettings, "notification")

    line = capsys.readouterr().err
    assert (line.count("\n"), "accent_color #eeeeee has a contrast" in line) == (1, True)
