"""The page of all metrics, from what the services register."""

from importlib import import_module

from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from deploy.reference.markdown import table
from deploy.reference.settings_page import SERVICES

_HEAD = """# Metrics

Every process serves them at `/metrics`. Labels are ids of topics, types and groups, never of people.
`deploy/grafana/dashboard.json` shows all of them, `deploy/grafana/alerts.yml` says what should wake somebody.
"""


def page() -> str:
    """Markdown: one table."""
    for service in SERVICES:
        import_module(f"services.{service}.app")
    return "\n".join([_HEAD, table(("metric", "kind", "labels", "what it is"), sorted(map(_row, _ours())))])


def _ours() -> list[MetricWrapperBase]:
    """What our code registers; the process's own (`process_`, `python_`) are Prometheus' client's."""
    return [metric for metric in REGISTRY._collector_to_names if isinstance(metric, MetricWrapperBase)]  # pyright: ignore[reportPrivateUsage]


def _row(metric: MetricWrapperBase) -> tuple[str, str, str, str]:
    described = next(iter(metric.describe()))
    name = f"{described.name}_total" if described.type == "counter" else described.name
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)  # pyright: ignore[reportPrivateUsage]
    return f"`{name}`", described.type, labels, described.documentation
