"""The Kubernetes manifests, as far as they can be proven without a cluster: against settings, routes and each other."""

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import yaml

from deploy.embedded.stack import database_variable
from services.notification.letters.branding import Branding
from shared import settings
from shared.pages import links
from shared.process.health import operations
from shared.settings import LONGEST_END_SECONDS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "k8s"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
SERVICES = ("coverage", "claims", "settlement", "notification")
PAGES = {"coverage", "settlement", "notification"}


def read(*names: str) -> list[dict[str, Any]]:
    return [document for name in names for document in yaml.safe_load_all((FOLDER / name).read_text())]


ALL = read(*KUSTOMIZATION["resources"])
SECRETS = {secret["metadata"]["name"]: secret["stringData"] for secret in read("secrets.example.yaml")}


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {resource["metadata"]["name"]: resource for resource in ALL if resource["kind"] == kind}


def pod(name: str) -> dict[str, Any]:
    return of("Deployment")[name]["spec"]["template"]["spec"]


def container(name: str) -> dict[str, Any]:
    (only,) = pod(name)["containers"]
    return only


def known(name: str) -> set[str]:
    model = import_module(f"services.{name}.settings").Settings
    brand = {f"BRAND_{field.upper()}" for field in Branding.model_fields} if name == "notification" else set[str]()
    return {field.upper() for field in model.model_fields} | {database_variable(name)} | brand


def test_every_file_but_the_secrets_is_applied_and_no_resource_twice():
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml", "secrets.example.yaml"}
    ids = [(resource["kind"], resource["metadata"]["name"]) for resource in ALL]

    assert set(KUSTOMIZATION["resources"]) == files
    assert len(ids) == len(set(ids))
    assert set(of("Deployment")) == set(of("PodDisruptionBudget")) == set(SERVICES), "no stand-in in production"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_its_command_and_is_told_only_what_it_knows(name: str):
    spec = container(name)
    own = {variable["name"] for variable in spec["env"]}

    assert spec["args"] == [f"services.{name}", "run"]
    assert own <= known(name)
    assert {variable for variable in own if variable.startswith("DATABASE_URL_")} == {database_variable(name)}
    assert spec["image"] == KUSTOMIZATION["images"][0]["name"] == "secondary-insurance"


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_refuses_to_start_with_what_all_are_told(name: str, monkeypatch: pytest.MonkeyPatch):
    told = of("ConfigMap")["secondary-insurance"]["data"]
    key = "0f5c55b2e9d14c7aa86b3f0e12d97c44"
    secrets = {"LINK_KEY": key, "DATA_KEY": key, database_variable(name): "postgresql://a:b@h/d"}
    for variable, value in {**told, **secrets}.items():
        monkeypatch.setenv(variable, value)

    settings.load(import_module(f"services.{name}.settings").Settings, name)


def test_what_all_are_told_is_known_to_one_of_them():
    told = set(of("ConfigMap")["secondary-insurance"]["data"]) | set(SECRETS["links"])

    assert told <= set[str]().union(*map(known, SERVICES))


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_and_map_that_is_named_is_there_and_no_other_services(name: str):
    spec = container(name)

    for variable in spec["env"]:
        key = variable["valueFrom"]["secretKeyRef"]
        assert (key["name"], key["key"] in SECRETS[name]) == (name, True), variable["name"]
    assert [next(iter(source.values()))["name"] for source in spec["envFrom"]] == ["secondary-insurance", "links"]


@pytest.mark.parametrize("name", SERVICES)
def test_the_probes_ask_what_the_services_answer(name: str):
    bare: Any = SimpleNamespace(service=SimpleNamespace(name=name, operator_pages=None))
    answered = {route.path for route in operations(bare).routes}  # type: ignore[attr-defined]
    spec = container(name)
    probes = {word: spec[f"{word}Probe"]["httpGet"] for word in ("startup", "readiness", "liveness")}

    assert {probe["port"] for probe in probes.values()} == {"http"}
    ports = {port["name"]: port["containerPort"] for port in spec["ports"]}
    assert ports == {"http": 8080, **({"pages": 8090} if name in PAGES else {})}, "the image's HTTP_PORT, PAGES_PORT"
    assert {word: probe["path"] for word, probe in probes.items()} == {
        "startup": "/health/started", "readiness": "/health/ready", "liveness": "/health/live",
    }  # fmt: skip
    assert {probe["path"] for probe in probes.values()} <= answered


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_has_the_time_to_end_in_order_and_the_memory_that_compose_gives(name: str):
    limit = container(name)["resources"]["limits"]

    assert pod(name)["terminationGracePeriodSeconds"] > LONGEST_END_SECONDS
    assert limit == {"memory": COMPOSE["services"][name]["mem_limit"].replace("m", "Mi")}, "a limit of CPU only slows"


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_may_do_nothing_special_and_writes_nowhere(name: str):
    assert pod(name)["securityContext"]["runAsNonRoot"] is True
    assert pod(name)["automountServiceAccountToken"] is False
    assert container(name)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [mount["mountPath"] for mount in container(name)["volumeMounts"]] == ["/tmp"]


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_selects_a_service_selects_its_pods(name: str):
    deployment = of("Deployment")[name]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = [
        deployment["spec"]["selector"]["matchLabels"],
        of("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"],
        *(of("Service")[name]["spec"]["selector"] for _ in range(name in PAGES)),
    ]

    assert all(selector == {"app.kubernetes.io/name": name} for selector in selectors)
    assert labels["app.kubernetes.io/name"] == name
    everyone = of("NetworkPolicy")["nobody-comes-in"]["spec"]["podSelector"]["matchLabels"]
    assert everyone.items() <= labels.items()


def test_the_tables_are_made_by_their_owners_whose_passwords_no_service_has():
    containers = {part["name"]: part for part in of("Job")["tables"]["spec"]["template"]["spec"]["containers"]}

    assert set(containers) == set(SERVICES)
    for name, part in containers.items():
        (variable,) = part["env"]
        key = variable["valueFrom"]["secretKeyRef"]
        assert part["args"] == [f"services.{name}", "migrate"]
        assert (variable["name"], key["name"]) == (f"DATABASE_OWNER_URL_{name.upper()}", "owners")
        assert f"//{name}_owner:" in SECRETS["owners"][key["key"]]
        assert part["securityContext"] == container(name)["securityContext"]


def test_only_pages_have_a_way_in_from_outside():
    (rule,) = of("Ingress")["pages"]["spec"]["rules"]
    ways = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    ports = {path["backend"]["service"]["port"]["name"] for path in rule["http"]["paths"]}
    let_in = {port["port"] for way in of("NetworkPolicy")["pages"]["spec"]["ingress"] for port in way["ports"]}

    assert set(of("Service")) == set(ways.values()) == PAGES
    assert {f"/{purpose}" for purpose in get_args(links.Purpose)} <= set(ways)
    assert ports == let_in == {"pages"}, "health and metrics are on the other port"
    assert not any(path == "/" for path in ways)
    (host,) = of("Ingress")["pages"]["spec"]["tls"][0]["hosts"]
    addresses = {name: url for name, url in of("ConfigMap")["secondary-insurance"]["data"].items() if "URL" in name}
    assert set(addresses.values()) == {f"https://{rule['host']}"} == {f"https://{host}"}
