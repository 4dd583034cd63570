"""The contenders' figures as a bar chart in SVG."""

from collections.abc import Mapping
from html import escape

WIDTH, BAR, GAP, LABEL = 720, 26, 14, 170


def draw(rates: Mapping[str, float], machine: str) -> str:
    """A bar for each contender's sessions a second, the fastest first, and the machine they ran on."""
    longest = max(rates.values())
    height = 60 + len(rates) * (BAR + GAP) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="14">',
        "<title>Sessions a second, from confirmed to final cost</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="16" y="28" font-size="16" font-weight="600">Sessions a second, from confirmed to final cost</text>',
    ]
    for number, (name, rate) in enumerate(sorted(rates.items(), key=lambda item: -item[1])):
        top = 48 + number * (BAR + GAP)
        width = max(1, round(rate / longest * (WIDTH - LABEL - 90)))
        colour = "#0f5c55" if name == "ours" else "#8fa3ad"
        parts += [
            f'<text x="{LABEL - 10}" y="{top + 18}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LABEL}" y="{top}" width="{width}" height="{BAR}" rx="3" fill="{colour}"/>',
            f'<text x="{LABEL + width + 8}" y="{top + 18}">{rate:.1f}</text>',
        ]
    parts.append(f'<text x="16" y="{height - 14}" font-size="12" fill="#51616b">{escape(machine)}</text>')
    return "\n".join([*parts, "</svg>", ""])
