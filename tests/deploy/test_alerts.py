"""Every alert fires when it should, stays silent when it should, and has a section in the runbook."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.alert_cases import CASES, Case
from tests.deploy.promql import Samples, firing, series_values

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "grafana" / "alerts.yml"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]
}
RUNBOOK = (ROOT / "docs" / "operating" / "alerts.md").read_text()
of_every_alert = pytest.mark.parametrize("name", RULES)


def test_every_alert_has_a_case_and_no_case_is_of_an_alert_that_is_gone():
    assert list(CASES) == [name for name in RULES if name in CASES]
    assert set(CASES) == set(RULES)


@of_every_alert
def test_it_fires_when_it_should(name: str):
    case = CASES[name]

    assert [dict(labels) for labels in firing(RULES[name], Samples.of(case.fires), case.minute)] == [case.labels]


@of_every_alert
def test_it_is_silent_when_it_should_be(name: str):
    case = CASES[name]

    assert firing(RULES[name], Samples.of(case.quiet), case.minute) == {}


@of_every_alert
def test_it_has_a_section_in_the_runbook(name: str):
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL)

    assert section is not None
    for part in ("**Means**", "**Look**", "**Do**"):
        assert part in section[1], part
    assert RULES[name]["annotations"]["runbook"].endswith(f"docs/operating/alerts.md#{name.lower()}")


def test_the_runbook_has_no_section_of_an_alert_that_is_gone():
    assert set(re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)) == set(RULES)


def test_samples_are_read_as_promtool_reads_them():
    assert list(series_values("1x2 _ 5-2x2 7")) == [1, 1, 1, None, 5, 3, 1, 7]


def promtool_tests() -> dict[str, Any]:
    """The cases as `promtool test rules` takes them."""
    tests: list[dict[str, Any]] = []
    for name, case in CASES.items():
        for series in (case.fires, case.quiet):
            alerts = [_expected(name, case)] if series is case.fires else []
            tests.append(
                {
                    "interval": "1m",
                    "name": name,
                    "input_series": [
                        {"series": series_name, "values": values} for series_name, values in series.items()
                    ],
                    "alert_rule_test": [{"eval_time": f"{case.minute}m", "alertname": name, "exp_alerts": alerts}],
                }
            )
    return {"rule_files": [str(FILE)], "evaluation_interval": "1m", "tests": tests}


def _expected(name: str, case: Case) -> dict[str, Any]:
    rule = RULES[name]
    (value,) = firing(rule, Samples.of(case.fires), case.minute).values()

    def filled(text: str) -> str:
        text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda label: case.labels[label[1]], text)
        return text.replace("{{ $value }}", f"{value:g}")

    annotations = {key: filled(text) for key, text in rule["annotations"].items()}
    return {"exp_labels": {**case.labels, **rule["labels"]}, "exp_annotations": annotations}


@pytest.mark.parametrize("promtool", [path for path in [shutil.which("promtool")] if path])
def test_promtool_agrees(promtool: str, tmp_path: Path):
    (tmp_path / "cases.yml").write_text(yaml.safe_dump(promtool_tests()))

    checked = subprocess.run([promtool, "check", "rules", str(FILE)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    done = subprocess.run([promtool, "test", "rules", str(tmp_path / "cases.yml")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
