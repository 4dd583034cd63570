"""The KEDA objects, against the deployments, the topics and the consumer groups that they name."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.events.topics import ALL, CLIENT_PARTITIONS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "k8s"
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((FOLDER / "keda" / "scaled-objects.yaml").read_text()))
KEYS = {
    "kafka": ({"bootstrapServers", "consumerGroup", "lagThreshold"}, {"topic"}),
    "prometheus": ({"serverAddress", "query", "threshold"}, set[str]()),
}


def deployments() -> dict[str, int]:
    """The replicas of each Deployment."""
    documents = [document for path in FOLDER.glob("*.yaml") for document in yaml.safe_load_all(path.read_text())]
    return {d["metadata"]["name"]: d["spec"]["replicas"] for d in documents if d and d.get("kind") == "Deployment"}


def groups(service: str) -> set[str]:
    """The consumer groups of a service."""
    app = import_module(f"services.{service}.app").SERVICE
    return {service, f"{service}.interchanges"} if app.interchange_topic is not None else {service}


def test_every_deployment_has_one_scaled_object():
    assert [scaled["spec"]["scaleTargetRef"]["name"] for scaled in OBJECTS] == [
        "coverage", "claims", "settlement", "notification",
    ]  # fmt: skip
    assert {scaled["metadata"]["name"] for scaled in OBJECTS} == set(deployments())


@pytest.mark.parametrize("scaled", OBJECTS, ids=lambda scaled: scaled["metadata"]["name"])
def test_a_scaled_object_can_work(scaled: dict[str, Any]):
    service, spec = scaled["metadata"]["name"], scaled["spec"]

    assert (scaled["apiVersion"], scaled["kind"]) == ("keda.sh/v1alpha1", "ScaledObject")
    assert spec["minReplicaCount"] == deployments()[service], "KEDA does not start below what the deployment asks for"
    assert spec["maxReplicaCount"] <= CLIENT_PARTITIONS, "one more would stand by"
    for trigger in spec["triggers"]:
        needed, optional = KEYS[trigger["type"]]
        metadata = trigger["metadata"]
        assert needed <= set(metadata) <= needed | optional
        assert all(isinstance(value, str) for value in metadata.values()), "KEDA reads metadata as text alone"
        assert metadata.get("topic") in {None, *(topic.name for topic in ALL)}
    asked = {trigger["metadata"].get("consumerGroup") for trigger in spec["triggers"]} - {None}
    assert asked == groups(service), "each group of the service is looked at"
