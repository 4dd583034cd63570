"""docker-compose.yml and the Dockerfile, as far as they can be proven without a container engine."""

import asyncio
import os
import re
import shutil
import subprocess
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from deploy.embedded import jars, kafka, postgres
from deploy.embedded.stack import SERVICES, Stack, database_variable
from shared.settings import LONGEST_END_SECONDS

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PARTS: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
EXACT = re.compile(r".+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?$")
ONCE = {"databases", "tables", "topics"}


def ours() -> dict[str, Any]:
    """The services that are built here."""
    return {name: part for name, part in PARTS.items() if "build" in part}


def test_every_service_is_there_and_only_what_is_beside_them_must_be_asked_for():
    assert set(ours()) == {*SERVICES, "tables", "topics"}
    asked_for = {name: part["profiles"] for name, part in PARTS.items() if "profiles" in part}
    assert asked_for == {"payers": ["payers"], "prometheus": ["observability"], "grafana": ["observability"]}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_have_any_number_of_replicas(name: str):
    assert PARTS[name].keys().isdisjoint({"ports", "container_name", "hostname", "volumes"})


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_its_own_command_on_its_own_database_alone(name: str):
    part = PARTS[name]
    databases = {variable for variable in part["environment"] if variable.startswith("DATABASE_URL_")}

    assert part["command"] == [f"services.{name}", "run"]
    assert databases == {database_variable(name)}
    assert re.fullmatch(rf"postgresql://{name}:\S+@postgres:5432/{name}", part["environment"][database_variable(name)])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_nothing_that_it_does_not_know(name: str):
    settings = import_module(f"services.{name}.settings").Settings
    known = {field.upper() for field in settings.model_fields} | {database_variable(name)}

    assert set(PARTS[name]["environment"]) <= known


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_starts_after_what_it_needs(name: str):
    needs = {part: how["condition"] for part, how in PARTS[name]["depends_on"].items()}

    once = dict.fromkeys(("tables", "topics"), "service_completed_successfully")
    wanted = {"kafka": "service_healthy", **once}
    assert needs == wanted | ({"inbox": "service_healthy"} if name == "notification" else {})
    assert PARTS["tables"]["depends_on"] == {"databases": {"condition": "service_completed_successfully"}}
    assert PARTS["databases"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_the_tables_are_made_by_their_owners_and_by_nobody_else():
    owners = {f"DATABASE_OWNER_URL_{name.upper()}" for name in SERVICES}

    assert set(PARTS["tables"]["environment"]) == owners
    for name in SERVICES:
        assert f"//{name}_owner:" in PARTS["tables"]["environment"][f"DATABASE_OWNER_URL_{name.upper()}"]
        assert not owners & set(PARTS[name]["environment"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_time_to_end_in_order(name: str):
    assert int(PARTS[name]["stop_grace_period"].removesuffix("s")) > LONGEST_END_SECONDS


@pytest.mark.parametrize("name", PARTS)
def test_every_image_has_an_exact_version(name: str):
    image = PARTS[name]["image"]

    assert image == "secondary-insurance:dev" if "build" in PARTS[name] else EXACT.match(image)


@pytest.mark.parametrize("name", PARTS)
def test_every_port_is_this_machines_alone(name: str):
    assert all(port.startswith("127.0.0.1:") for port in PARTS[name].get("ports", []))


@pytest.mark.parametrize("name", sorted(set(PARTS) - ONCE))
def test_everything_that_stays_says_whether_it_is_well(name: str):
    check = PARTS[name]["healthcheck"]

    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries"} <= check.keys()


@pytest.mark.parametrize("name", sorted(set(PARTS) - {"kafka", "postgres"}))
def test_what_keeps_no_data_writes_nowhere_and_may_do_nothing_special(name: str):
    part = PARTS[name]

    assert (part["read_only"], part["tmpfs"], part["cap_drop"]) == (True, ["/tmp"], ["ALL"])
    assert part["security_opt"] == ["no-new-privileges:true"]


def test_what_is_mounted_is_there():
    mounts = [mount for part in PARTS.values() for mount in part.get("volumes", [])]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]

    assert files
    assert all((ROOT / file).is_file() for file in files)
    assert {mount.split(":")[0] for mount in mounts if not mount.startswith("./")} == set(COMPOSE["volumes"])


def test_kafka_is_the_embedded_one_with_the_same_limits():
    environment = PARTS["kafka"]["environment"]
    same = {
        "process.roles",
        "node.id",
        "message.max.bytes",
        "auto.create.topics.enable",
        "group.min.session.timeout.ms",
    }
    factors = {name for name in kafka.SETTINGS if name.endswith(("replication.factor", "min.isr"))}

    assert PARTS["kafka"]["image"] == f"apache/kafka:{jars.KAFKA}"
    for name in same | factors:
        assert environment[f"KAFKA_{name.upper().replace('.', '_')}"] == kafka.SETTINGS[name], name


def test_postgres_is_of_the_embedded_ones_major_version():
    images = {PARTS[name]["image"] for name in ("postgres", "databases")}

    assert len(images) == 1
    assert images.pop().startswith(f"postgres:{postgres.MAJOR}.")


def test_the_image_is_built_in_stages_and_runs_as_nobody_special():
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]

    assert len(stages) == 2
    assert all(EXACT.match(stage) for stage in stages)
    assert re.search(r"^USER [1-9]\d{3,}:[1-9]\d{3,}$", last, re.M)
    assert "COPY --from=build" in last


def test_the_image_is_made_with_the_same_uv_as_the_environment_here():
    version = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.M)

    assert version is not None
    assert f"uv=={version[1]}" in DOCKERFILE


@pytest.mark.stack  # for its length
@pytest.mark.skipif(not (ROOT / ".boot" / "bin" / "uv").exists(), reason="uv comes with make's environment")
def test_the_images_steps_work_in_a_clean_folder(tmp_path: Path):
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    for name in (line[1:] for line in ignored if line.startswith("!")):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "UV_P"))}

    sync = next(line for line in DOCKERFILE.splitlines() if "uv sync" in line).split("uv sync")[1].split()
    subprocess.run([ROOT / ".boot" / "bin" / "uv", "sync", "-q", *sync], cwd=tmp_path, env=environment, check=True)

    for service in SERVICES:  # what only the tests need is not there: a service must start without it
        command = [tmp_path / ".venv" / "bin" / "python", "-m", f"services.{service}", "run", "--help"]
        helped = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (helped.returncode, helped.stderr) == (0, ""), service


@pytest.mark.stack
@pytest.mark.xdist_group("own-stack")
async def test_the_databases_are_made_and_made_again_without_harm():
    psql = postgres.programs() / "psql"
    script = [str(psql), "-q", "-X", "-f", str(ROOT / "deploy" / "databases.sql")]
    with Stack.start(environ={}, kafka=False, inbox=False, fsync=False) as stack:
        url = stack.database_admin_url
        assert url is not None
        admin = await asyncpg.connect(url)
        for service in SERVICES:
            await admin.execute(f"drop database {service}")
            await admin.execute(f"drop role {service}")
            await admin.execute(f"drop role {service}_owner")
        await _as_before_owners_had_roles(admin, url, "claims")

        for _ in range(2):
            password = url.split(":")[2].split("@")[0]
            call = partial(subprocess.run, [*script, url], env={"PGPASSWORD": password}, capture_output=True, text=True)
            ran = await asyncio.to_thread(call)
            assert (ran.returncode, ran.stderr) == (0, "")

        for service in SERVICES:
            owner = await asyncpg.connect(stack.owner_url(service))
            await owner.execute("create table probe ()")
            await owner.close()
            own = await asyncpg.connect(stack.database_url(service))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await own.execute("create table mine ()")
            await own.close()
        own = await asyncpg.connect(stack.database_url("claims"))
        assert await own.fetchval("select number from kept") == 7
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await own.execute("drop table kept")
        await own.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(stack.database_url("claims").removesuffix("/claims") + "/coverage")
        await admin.close()


async def _as_before_owners_had_roles(admin: asyncpg.Connection, url: str, service: str) -> None:
    """Make a database that the service's own role owns, as versions before 0.2.0 had them."""
    await admin.execute(f"create role {service} login")
    await admin.execute(f"create database {service} owner {service}")
    there = await asyncpg.connect(f"{url.rsplit('/', 1)[0]}/{service}")
    await there.execute(f"set role {service}; create table kept as select 7 as number")
    await there.close()
