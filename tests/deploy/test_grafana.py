"""The dashboard and the alerts say nothing that the code does not measure, and can be loaded."""

import ast
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "grafana"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
SCRAPED = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
SERVICES = {"coverage", "claims", "settlement", "notification"}

KINDS = {"Counter": ("",), "Gauge": ("",), "Histogram": ("_bucket", "_sum", "_count")}
GIVEN_LABELS = {"job", "instance"}
WORDS = {"and", "or", "unless", "on", "by", "without", "offset", "bool", "ignoring", "group_left", "group_right"}


def measured() -> dict[str, set[str]]:
    """Every metric that the code registers, with its labels; found in the sources, so that nothing need be loaded."""
    labels_by_metric: dict[str, set[str]] = {}
    for path in itertools.chain((ROOT / "shared").rglob("*.py"), (ROOT / "services").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                if len(node.args) < 2 or not all(
                    isinstance(argument, ast.Constant | ast.List) for argument in node.args
                ):
                    continue  # a Counter of something else
                name, _, *rest = (ast.literal_eval(argument) for argument in node.args)
                for end in KINDS[node.func.id]:
                    labels_by_metric[f"{name}{end}"] = set(rest[0] if rest else []) | (
                        {"le"} if end == "_bucket" else set()
                    )
    return labels_by_metric


OURS = measured()
OF_PROCESS = {name for name in REGISTRY._names_to_collectors if name.startswith("process_")}
KNOWN = OURS | {name: set[str]() for name in (*OF_PROCESS, "up")}
METRIC = re.compile(r"(?<![\w:$\"])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(?!\s*\(|[\w:])")


def named(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics in an expression, each with the labels that it is selected by."""
    bare = re.sub(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)", " ", expression)
    for match in METRIC.finditer(re.sub(r"\[[^]]*\]", "", bare)):
        if match[1] not in WORDS and not re.fullmatch(r"\d*[smhdw]|e\d+", match[1]):
            yield match[1], set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", match[2] or ""))


def grouped(expression: str) -> set[str]:
    """The labels that an expression groups by."""
    lists = re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", expression)
    return {label.strip() for listed in lists for label in listed.split(",")}


EXPRESSIONS = {
    f"{panel['title']} {target['refId']}": target["expr"] for panel in PANELS for target in panel.get("targets", [])
}
EXPRESSIONS |= {rule["alert"]: rule["expr"] for rule in RULES}


def test_names_are_found_in_an_expression():
    expression = 'sum by (job, le) (rate(batch_seconds_bucket{job=~"$job", x!="{"}[5m])) > 2e6 or absent(up{job="a"})'

    assert list(named(expression)) == [("batch_seconds_bucket", {"job", "x"}), ("up", {"job"})]
    assert grouped(expression) == {"job", "le"}


@pytest.mark.parametrize("what", EXPRESSIONS)
def test_an_expression_asks_for_what_is_measured(what: str):
    asked = dict(named(EXPRESSIONS[what]))

    assert asked
    assert set(asked) <= set(KNOWN), "no metric has this name"
    for metric, labels in asked.items():
        assert labels <= KNOWN[metric] | GIVEN_LABELS, metric
    assert grouped(EXPRESSIONS[what]) <= set[str]().union(GIVEN_LABELS, *(KNOWN[metric] for metric in asked))


def test_everything_that_is_measured_is_shown():
    shown = {metric for panel in PANELS for target in panel.get("targets", []) for metric, _ in named(target["expr"])}

    assert {metric for metric in OURS if not re.search("_seconds_(sum|count)$", metric)} - shown == set()


@pytest.mark.parametrize("text", [rule["annotations"]["summary"] for rule in RULES])
def test_a_summary_fills_in_labels_that_its_expression_leaves(text: str):
    rule = next(rule for rule in RULES if rule["annotations"]["summary"] == text)
    asked = dict(named(rule["expr"]))
    left = grouped(rule["expr"]) or set[str]().union(GIVEN_LABELS, *(KNOWN[metric] for metric in asked))

    assert set(re.findall(r"\$labels\.(\w+)", text + rule["annotations"]["what"])) <= left


def test_every_alert_has_a_name_of_its_own_a_severity_and_says_what_to_do():
    names = [rule["alert"] for rule in RULES]

    assert len(names) == len(set(names))
    assert len({group["name"] for group in ALERTS["groups"]}) == len(ALERTS["groups"])
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert set(rule["annotations"]) == {"summary", "what", "runbook"}, rule["alert"]
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}


def test_the_dashboard_can_be_loaded_and_each_panel_found():
    ids = [panel["id"] for panel in PANELS]

    assert re.fullmatch(r"[a-z0-9-]{1,40}", DASHBOARD["uid"])
    assert "id" not in DASHBOARD, "a number of another Grafana: it would overwrite, or refuse"
    assert len(ids) == len(set(ids))
    titles = [panel["title"] for panel in PANELS]
    assert len(titles) == len(set(titles))
    for panel in PANELS:
        letters = [target["refId"] for target in panel.get("targets", [])]
        assert len(letters) == len(set(letters)), panel["title"]
        assert panel["type"] == "row" or panel["description"], panel["title"]


def test_no_panel_lies_on_another_or_beside_the_grid():
    boxes = {panel["title"]: panel["gridPos"] for panel in PANELS}

    assert all(box["x"] >= 0 and box["x"] + box["w"] <= 24 and box["h"] > 0 for box in boxes.values())
    for (title, a), (other, b) in itertools.combinations(boxes.items(), 2):
        apart_x = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        apart_y = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart_x or apart_y, (title, other)


def test_every_variable_is_defined_and_used():
    defined = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    text = json.dumps(PANELS)

    assert set(re.findall(r"\$\{?([a-z]+)\}?", text)) == defined
    sources = {json.dumps(target["datasource"]) for panel in PANELS for target in panel.get("targets", [])}
    assert sources == {json.dumps({"type": "prometheus", "uid": "${datasource}"})}


def test_prometheus_finds_every_replica_of_every_service_under_the_services_name():
    jobs = {job["job_name"]: job["dns_sd_configs"] for job in SCRAPED["scrape_configs"]}

    assert set(jobs) == SERVICES
    for name, scraped in jobs.items():
        assert [(target["names"], target["port"]) for target in scraped] == [([name], 8080)]


def test_what_is_provisioned_is_mounted_where_it_is_looked_for():
    mounted = {mount.split(":")[1] for part in ("prometheus", "grafana") for mount in COMPOSE[part]["volumes"]}
    provider = yaml.safe_load((FOLDER / "dashboards.yml").read_text())["providers"][0]
    source = yaml.safe_load((FOLDER / "datasource.yml").read_text())["datasources"][0]

    assert set(SCRAPED["rule_files"]) <= mounted
    assert f"{provider['options']['path']}/dashboard.json" in mounted
    assert source["url"] == "http://prometheus:9090"
