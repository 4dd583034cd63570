"""Enough of Prometheus to try alert rules without it: expressions over series of samples, and how long they hold.

Expressions are parsed by `promql-parser`, the grammar of Prometheus itself; what they mean is written here, as far as
our rules need it. `promtool test rules` gives the same answers, and runs beside this where it is installed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import promql_parser as ast

MINUTE = 60
_LOOK_BACK = 5 * MINUTE
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
}

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]


def seconds(text: str) -> int:
    """A duration such as 15m."""
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([smhdw])", text))


def series_values(notation: str) -> Iterator[float | None]:
    """Samples in promtool's notation: `1x3` is 1 1 1 1, `0+10x2` is 0 10 20, `_x3` are three that are missing."""
    for word in notation.split():
        match = re.fullmatch(r"(_|-?[\d.e]+)([+-][\d.e]+)?(?:x(\d+))?", word)
        assert match is not None, word
        first, step, times = match.groups()
        if first == "_":
            yield from [None] * int(times or 1)
        else:
            yield from (float(first) + float(step or 0) * n for n in range(int(times or 0) + 1))


@dataclass
class Samples:
    """A sample a minute of each series, from the minute 0 on."""

    series: list[tuple[str, Labels, list[float | None]]]

    @classmethod
    def of(cls, described: Mapping[str, str]) -> "Samples":
        """Series by name and labels, such as `up{job="claims"}`, with their values in promtool's notation."""
        series: list[tuple[str, Labels, list[float | None]]] = []
        for text, values in described.items():
            name, _, labels = text.partition("{")
            series.append((name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels)), list(series_values(values))))
        return cls(series)

    def window(self, selector: Any, begin: float, end: float) -> Iterator[tuple[Labels, list[tuple[int, float]]]]:
        """The samples after `begin` up to `end` of each series that the selector names."""
        for name, labels, values in self.series:
            if name == selector.name and all(_matches(matcher, labels) for matcher in selector.matchers.matchers):
                timed = [(n * MINUTE, value) for n, value in enumerate(values)]
                held = [(at, value) for at, value in timed if value is not None and begin < at <= end]
                if held:
                    yield labels, held


def _matches(matcher: Any, labels: Labels) -> bool:
    value = dict(labels).get(matcher.name, "")
    match matcher.op:
        case ast.MatchOp.Equal:
            return value == matcher.value
        case ast.MatchOp.NotEqual:
            return value != matcher.value
        case _:
            return bool(re.fullmatch(matcher.value, value)) is (matcher.op == ast.MatchOp.Re)


def evaluate(node: Any, samples: Samples, now: float) -> Any:
    """The value of an expression at a moment: a Vector, or a number."""
    match node:
        case ast.NumberLiteral():
            return node.val
        case ast.ParenExpr():
            return evaluate(node.expr, samples, now)
        case ast.VectorSelector():
            now -= node.offset.total_seconds() if node.offset else 0
            return {labels: held[-1][1] for labels, held in samples.window(node, now - _LOOK_BACK, now)}
        case ast.AggregateExpr():
            return _aggregated(node, evaluate(node.expr, samples, now))
        case ast.Call():
            return _called(node, samples, now)
        case ast.BinaryExpr():
            left, right = evaluate(node.lhs, samples, now), evaluate(node.rhs, samples, now)
            return _combined(str(node.op), node.modifier, left, right)
        case _:
            raise NotImplementedError(type(node).__name__)


def _aggregated(node: Any, vector: Vector) -> Vector:
    kept = set(node.modifier.labels) if node.modifier else set[str]()
    groups: dict[Labels, list[float]] = {}
    for labels, value in vector.items():
        groups.setdefault(frozenset(pair for pair in labels if pair[0] in kept), []).append(value)
    combine = {"sum": sum, "max": max, "min": min}[str(node.op)]
    return {labels: float(combine(values)) for labels, values in groups.items()}


def _called(node: Any, samples: Samples, now: float) -> Vector:
    name = node.func.name
    if name == "absent":
        equal = [matcher for matcher in node.args[0].matchers.matchers if matcher.op == ast.MatchOp.Equal]
        there = evaluate(node.args[0], samples, now)
        return {} if there else {frozenset((matcher.name, matcher.value) for matcher in equal): 1.0}
    if name == "histogram_quantile":
        return _quantiles(node.args[0].val, evaluate(node.args[1], samples, now))
    span = node.args[0].range.total_seconds()
    over = {"rate": lambda held: _increase(held, span) / span, "increase": lambda held: _increase(held, span)}
    over |= {"changes": _changes, "min_over_time": lambda held: min(value for _, value in held)}
    held = samples.window(node.args[0].vector_selector, now - span, now)
    return {labels: over[name](values) for labels, values in held if len(values) > 1 or name == "min_over_time"}


def _increase(held: list[tuple[float, float]], span: float) -> float:
    """How much a counter grew, a restart from 0 included, stretched to the whole window."""
    pairs = list(pairwise(held))
    grown = sum(after if after < before else after - before for (_, before), (_, after) in pairs)
    return grown * span / (held[-1][0] - held[0][0])


def _changes(held: list[tuple[float, float]]) -> float:
    return float(sum(before[1] != after[1] for before, after in pairwise(held)))


def _quantiles(quantile: float, buckets: Vector) -> Vector:
    groups: dict[Labels, list[tuple[float, float]]] = {}
    for labels, value in buckets.items():
        rest = frozenset(pair for pair in labels if pair[0] != "le")
        groups.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    return {labels: _quantile(quantile, sorted(group)) for labels, group in groups.items()}


def _quantile(quantile: float, buckets: list[tuple[float, float]]) -> float:
    rank, below, count_below = quantile * buckets[-1][1], 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            return (
                below
                if bound == float("inf")
                else below + (bound - below) * (rank - count_below) / (count - count_below)
            )
        below, count_below = bound, count
    return below


def _combined(operator: str, modifier: Any, left: Any, right: Any) -> Vector:
    if isinstance(right, float):
        return {labels: value for labels, value in left.items() if _COMPARE[operator](value, right)}
    matching = modifier.matching if modifier else None
    on = set(matching.labels) if matching else None

    def key(labels: Labels) -> Labels:
        return labels if on is None else frozenset(pair for pair in labels if pair[0] in on)

    others = {key(labels): value for labels, value in right.items()}
    match operator:
        case "and":
            return {labels: value for labels, value in left.items() if key(labels) in others}
        case "unless":
            return {labels: value for labels, value in left.items() if key(labels) not in others}
        case "or":
            return {**{labels: value for labels, value in right.items() if labels not in left}, **left}
        case _:
            pairs = ((labels, value, others.get(key(labels))) for labels, value in left.items())
            return {
                labels: value
                for labels, value, other in pairs
                if other is not None and _COMPARE[operator](value, other)
            }


def firing(rule: Mapping[str, Any], samples: Samples, minute: int) -> Vector:
    """For which labels the rule has held for as long as it asks for, at that minute; with its value then."""
    expression, wanted = ast.parse(rule["expr"]), seconds(rule.get("for", "0s"))
    since: dict[Labels, float] = {}
    values: Vector = {}
    for now in range(max(0, minute * MINUTE - wanted), minute * MINUTE + 1, MINUTE):
        values = evaluate(expression, samples, now)
        since = {labels: since.get(labels, now) for labels in values}
    return {labels: values[labels] for labels, began in since.items() if minute * MINUTE - began >= wanted}
