"""Traces: a span for every message that a service handles, as a child of the span that published it.

W3C trace context comes in with upstream's `traceparent` header and goes out with every event, so that one trace leads
from a session's confirmation through each service. Off by default; `TRACES` names where the spans go. Span names and
attributes are event types and ids, never what is in an event.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from shared.runtime.transaction import Cause

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

Destination = Literal["off", "console", "otlp"]

_SAMPLED = 1  # among the flags, the last two digits

_tracers: list["Tracer"] = []
"""The process's tracer once traces are on, set at its start. No transaction writes it, so none can leave it wrong."""


def turn_on(service: str, destination: Destination) -> None:
    """Send spans to `destination` from now on, by the standard variables OTEL_TRACES_SAMPLER* and OTEL_EXPORTER_*."""
    if destination == "off":
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    exporter = ConsoleSpanExporter() if destination == "console" else OTLPSpanExporter()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    use(provider)


def use(provider: "TracerProvider | None") -> None:
    """Make spans with `provider`; None turns them off."""
    _tracers[:] = [] if provider is None else [provider.get_tracer("secondary-insurance")]


@contextmanager
def handling(cause: Cause, kind: str) -> Generator[Cause]:
    """The cause under which a message is handled: while traces are on, with a span of its own as the parent of what
    follows. A message without a `traceparent` begins a trace. A handler that raises marks its span as failed.
    """
    with _span(f"handle {kind}", cause.traceparent, "CONSUMER", {"messaging.message.id": cause.id}) as traceparent:
        yield cause if traceparent == cause.traceparent else replace(cause, traceparent=traceparent)


@contextmanager
def sending(traceparent: str | None, kind: str, letter_id: str) -> Generator[str | None]:
    """The trace of what follows from a letter, while it is offered to the mail server: a span of its own in the trace
    of the event that asked for it.
    """
    with _span(f"send {kind}", traceparent, "PRODUCER", {"messaging.message.id": letter_id}) as trace:
        yield trace


@contextmanager
def _span(name: str, traceparent: str | None, kind: str, attributes: dict[str, str]) -> Generator[str | None]:
    """The `traceparent` of a new span; the one that came in while traces are off, or where its trace is not sampled."""
    if not _tracers or (traceparent is not None and not int(traceparent[-2:], 16) & _SAMPLED):
        yield traceparent
        return
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    propagator = TraceContextTextMapPropagator()
    parent = propagator.extract({"traceparent": traceparent} if traceparent else {})
    with _tracers[0].start_as_current_span(
        name, context=parent, kind=SpanKind[kind], attributes=attributes, record_exception=False
    ):
        carrier: dict[str, str] = {}
        propagator.inject(carrier)
        yield carrier["traceparent"]
