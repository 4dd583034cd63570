"""What comes from others: fixed by hash, under a licence that fits ours, in exact versions; and no secret is here."""

import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCK: dict[str, dict[str, Any]] = {
    package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
}
PROJECT = "secondary-insurance"
# Licences beside which ours (Apache-2.0) may be distributed, as packages spell them. MPL-2.0 asks for changes to its
# own files alone, and we change none.
ALLOWED = {
    *(
        "Apache-2.0",
        "Apache 2",
        "Apache Software License",
        "MIT",
        "MIT-0",
        "MIT License",
        "BSD-2-Clause",
        "BSD-3-Clause",
    ),
    *("BSD License", "3-Clause BSD License", "ISC", "PSF-2.0", "MPL-2.0", "Unlicense"),
}
SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}",
    "a key of AWS": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b",
    "a token of Slack": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "a key of Google": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "a key of Stripe": r"\b[rs]k_live_[A-Za-z0-9]{20,}\b",
    "a token of PyPI or npm": r"\b(?:pypi-AgEI[A-Za-z0-9_-]{50,}|npm_[A-Za-z0-9]{36})\b",
    "a web token": r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\b",
    "an address with a password": r"\b[a-z]{3,12}://[\w.-]+:(?!change|secret|password|postgres|\$|\{|<)[\w!%^*+-]{20,}@",
}


def shipped() -> set[str]:
    """The packages of the image: what the services need, and what that needs."""
    wanted, needed = [(PROJECT, ())], set[tuple[str, tuple[str, ...]]]()
    while wanted:
        name, extras = wanted.pop()
        if (name, extras) in needed:
            continue
        needed.add((name, extras))
        package = LOCK[name]
        optional = package.get("optional-dependencies", {})
        for dependency in [*package.get("dependencies", ()), *(part for extra in extras for part in optional[extra])]:
            wanted.append((dependency["name"], tuple(dependency.get("extra", ()))))
    return {name for name, _ in needed} - {PROJECT}


def licences(name: str) -> set[str]:
    """The licences that a package names; where it names several with "or", any of them will do."""
    about: Any = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        options = [set(re.split(r"\s+AND\s+", option.strip(" ()"))) for option in re.split(r"\s+OR\s+", expression)]
        return min(options, key=lambda option: len(option - ALLOWED))
    classified = [line.split("::")[-1].strip() for line in about.get_all("Classifier") or () if "License ::" in line]
    return {about["License"].splitlines()[0]} if about.get("License") else set(classified)


def secrets(text: str) -> list[str]:
    """The kinds of secrets that a text holds."""
    return [kind for kind, pattern in SECRETS.items() if re.search(pattern, text)]


def test_every_file_that_the_lock_names_has_its_hash():
    files = [
        (name, file)
        for name, package in LOCK.items()
        for file in [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
    ]

    assert len(files) > 1000
    assert [name for name, file in files if not file.get("hash", "").startswith("sha256:")] == []


def test_every_package_comes_from_pypi():
    sources = {str(package["source"]) for name, package in LOCK.items() if name != PROJECT}

    assert sources == {"{'registry': 'https://pypi.org/simple'}"}


def test_what_the_image_holds_is_under_a_licence_that_fits_ours():
    assert {
        name: sorted(unfit) for name in shipped() if (unfit := licences(name) - ALLOWED) or not licences(name)
    } == {}


def test_every_image_has_an_exact_version():
    files = [ROOT / "docker-compose.yml", ROOT / "deploy/Dockerfile", *(ROOT / "deploy/k8s").glob("*.yaml")]
    images = {
        image
        for path in files
        for image in re.findall(r"^\s*(?:- )?(?:image:|FROM)\s+([^\s]+)", path.read_text(), re.MULTILINE)
    }

    assert images
    assert [name for name in images if not re.search(r":v?\d+\.\d+|:dev$|^secondary-insurance$|@sha256:", name)] == []


# put together here, so that this file holds none itself
SAMPLES = {
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----\n" + "M" * 64,
    "a key of AWS": "AKIA" + "A1" * 8,
    "a token of GitHub": "ghp_" + "a1" * 18,
    "a token of Slack": "xoxb-" + "1" * 24,
    "a key of Google": "AIza" + "a" * 35,
    "a key of Stripe": "sk_live_" + "a1" * 12,
    "a token of PyPI or npm": "npm_" + "a1" * 18,
    "a web token": ".".join(["eyJ" + "a" * 24, "eyJ" + "b" * 24, "c" * 24]),
    "an address with a password": "postgresql://claims:" + "h7" * 12 + "@db.example/claims",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_would_be_noticed(kind: str):
    assert kind in secrets(SAMPLES[kind])


def test_no_secret_is_in_the_repository():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a checkout of git")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name and name != "uv.lock"]
    texts = {path: path.read_bytes().decode("latin-1") for path in paths if path.is_file()}

    assert {str(path.relative_to(ROOT)): said for path, text in texts.items() if (said := secrets(text))} == {}
