"""A span for every handled message, in one trace from upstream's header to what the service publishes."""

from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.runtime import outbox, tracing
from tests.harness import ServiceUnderTest
from tests.shared.probe_events import confirmed

UPSTREAM = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE, PARENT = int(UPSTREAM[3:35], 16), int(UPSTREAM[36:52], 16)


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


async def published_trace(probe: ServiceUnderTest) -> str | None:
    """The `traceparent` of the one message in the outbox."""
    headers = outbox.unpack(await probe.pool.fetchval("delete from outbox returning headers"))
    return next((value.decode() for name, value in headers if name == "traceparent"), None)


def traced(probe: ServiceUnderTest, header: str | None):
    message = probe.message(confirmed("c", "s"))
    extra = () if header is None else (("traceparent", header.encode()),)
    return replace(message, headers=(*message.headers, *extra))


async def test_a_handled_message_is_a_child_of_upstreams_span_and_the_parent_of_what_is_published(probe, spans):
    await probe.consumer.batch([traced(probe, UPSTREAM)])

    (span,) = spans.get_finished_spans()
    assert (span.name, span.context.trace_id, span.parent.span_id) == ("handle SessionConfirmed", TRACE, PARENT)
    assert await published_trace(probe) == f"00-{TRACE:032x}-{span.context.span_id:016x}-01"


async def test_a_message_without_a_trace_begins_one(probe, spans):
    await probe.consumer.batch([traced(probe, None)])

    (span,) = spans.get_finished_spans()
    assert span.parent is None
    published = await published_trace(probe)
    assert published is not None
    assert published[:52] == f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}"


async def test_a_trace_that_upstream_does_not_sample_goes_on_as_it_came_and_costs_no_span(probe, spans):
    unsampled = f"{UPSTREAM[:-2]}00"
    await probe.consumer.batch([traced(probe, unsampled)])

    assert list(spans.get_finished_spans()) == []
    assert await published_trace(probe) == unsampled


async def test_a_span_says_nothing_of_what_is_in_the_event(probe, spans):
    message = traced(probe, UPSTREAM)
    await probe.consumer.batch([message])

    (span,) = spans.get_finished_spans()
    assert set(span.attributes) == {"messaging.message.id"}
    assert list(span.events) == []


async def test_while_traces_are_off_upstreams_header_goes_on_as_it_came(probe):
    await probe.consumer.batch([traced(probe, UPSTREAM)])

    assert await published_trace(probe) == UPSTREAM
