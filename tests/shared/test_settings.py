"""Settings from the environment: a wrong one is named on one line, without its value."""

import pytest

from shared import settings
from shared.settings import ServiceSettings

STRONG = "0f5c55b2e9d14c7aa86b3f0e12d97c44"
GOOD = {"DATABASE_URL_PROBE": "postgresql://someone:secret@127.0.0.1:1/none"}

WRONG = {
    "no database": ({"DATABASE_URL_PROBE": ""}, "DATABASE_URL_PROBE: Field required"),
    "not a database": ({"DATABASE_URL_PROBE": "secret"}, "DATABASE_URL_PROBE: write postgresql://"),
    "not a port": ({"DATABASE_URL_PROBE": "postgresql://a:secret@h:port/d"}, "DATABASE_URL_PROBE: write postgresql://"),
    "not a broker": ({"KAFKA_BOOTSTRAP_SERVERS": "http://x"}, "KAFKA_BOOTSTRAP_SERVERS: write host:port"),
    "not a number": ({"BATCH_RECORDS": "many"}, "BATCH_RECORDS: Input should be a valid integer"),
    "not positive": ({"STOP_SECONDS": "0"}, "STOP_SECONDS: Input should be greater than 0"),
    "the key for development": ({"PUBLIC_URL": "https://a.test"}, "LINK_KEY is the key for development"),
    "a placeholder": ({"PUBLIC_URL": "https://a.test", "LINK_KEY": "change-me" * 9}, "LINK_KEY is a placeholder"),
    "a short key": ({"PUBLIC_URL": "https://a.test", "LINK_KEY": "k3y-secret"}, "LINK_KEY is too easy to guess"),
    "one character": ({"PUBLIC_URL": "https://a.test", "LINK_KEY": "a" * 64}, "LINK_KEY is too easy to guess"),
    "a weak former key": (
        {"PUBLIC_URL": "https://a.test", "LINK_KEY": STRONG, "LINK_KEY_BEFORE": "secret"},
        "LINK_KEY_BEFORE is too easy",
    ),
    "a weak data key": ({"DATA_KEY": "secret"}, "DATA_KEY: is too easy to guess"),
    "a data key as in the example": ({"DATA_KEY": "change-me" * 9}, "DATA_KEY: is a placeholder"),
    "no authority": ({"KAFKA_CA_FILE": __file__}, "holds no certificate of an authority (PEM)"),
    "no certificate": (
        {"KAFKA_CERTIFICATE_FILE": __file__, "KAFKA_KEY_FILE": __file__},
        "KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE hold no certificate with its key",
    ),
    "not a page": ({"PUBLIC_URL": "example.com"}, "PUBLIC_URL: write http://host:port"),
    "too short a memory": ({"INBOX_DAYS": "5"}, "INBOX_DAYS: Input should be greater than or equal to 31"),
    "the first of two": ({"LOG_FORMAT": "xml", "HTTP_PORT": "99999"}, "HTTP_PORT: Input should be less than"),
    "the second of two": ({"LOG_FORMAT": "xml", "HTTP_PORT": "99999"}, "LOG_FORMAT: Input should be"),
}


@pytest.fixture(autouse=True)
def good(monkeypatch):
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("environment", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_named_on_one_line_without_its_value(environment, said, monkeypatch, capsys):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as stopped:
        settings.load(ServiceSettings, "probe")

    line = capsys.readouterr().err
    assert stopped.value.code == 2
    assert (line.count("\n"), said in line, "secret" in line) == (1, True, False)


def test_several_brokers_and_a_database_are_read(monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "a:9092,b.example:9093")

    read = settings.load(ServiceSettings, "probe")

    assert read.kafka_bootstrap_servers == "a:9092,b.example:9093"
    assert read.database_url.get_secret_value() == GOOD["DATABASE_URL_PROBE"]
    assert "secret" not in repr(read)


@pytest.mark.parametrize(
    "url",
    ["postgresql:///d?host=/run/postgresql", "postgres://a:b@[::1]:5432/d", "postgresql://a:p%40b@h1:5432,h2:5433/d"],
    ids=["socket", "IPv6", "two servers"],
)
def test_every_way_to_name_a_database_is_taken(url: str, monkeypatch):
    monkeypatch.setenv("DATABASE_URL_PROBE", url)

    assert settings.load(ServiceSettings, "probe").database_url.get_secret_value() == url


@pytest.mark.parametrize(
    ("url", "key"),
    [("http://127.0.0.1:8080", ""), ("http://localhost", ""), ("http://[::1]:1", ""), ("https://a.test", STRONG)],
)
def test_a_key_that_anybody_knows_is_good_for_ones_own_machine_alone(url, key, monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", url)
    monkeypatch.setenv("LINK_KEY", key)
    monkeypatch.setenv("LINK_KEY_BEFORE", key)
    monkeypatch.setenv("DATA_KEY", key)

    keys = settings.load(ServiceSettings, "probe").link_keys()

    assert keys == ((STRONG, STRONG) if key else ("development-only-link-key",))


@pytest.mark.parametrize(
    ("url", "key", "forgotten"),
    [
        ("https://a.test", "", True),
        ("https://a.test", STRONG, False),
        ("https://a.test", "none", False),
        ("http://127.0.0.1:8080", "", False),
    ],
)
def test_where_pages_are_public_a_service_notices_that_personal_values_are_not_sealed(url, key, forgotten, monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", url)
    monkeypatch.setenv("LINK_KEY", STRONG)
    monkeypatch.setenv("DATA_KEY", key)

    assert settings.load(ServiceSettings, "probe").forgets_to_seal() is forgotten
