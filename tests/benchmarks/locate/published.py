"""What others published for SWE-bench Lite: LocAgent, arXiv 2503.09089, table 4; 274 instances, all gold among the first k."""

from __future__ import annotations

FILES: dict[str, tuple[float, float, float]] = {
    "BM25 (published)": (38.69, 51.82, 61.68),
    "E5-base-v2": (49.64, 74.45, 80.29),
    "CodeRankEmbed": (52.55, 77.74, 84.67),
    "Agentless, GPT-4o": (67.15, 74.45, 74.45),
    "Agentless, Claude-3.5": (72.63, 79.20, 79.56),
    "SWE-agent, Claude-3.5": (77.37, 87.23, 90.15),
    "LocAgent, Claude-3.5": (77.74, 91.97, 94.16),
}
"""File accuracy at 1, 3 and 5."""
FUNCTIONS: dict[str, tuple[float, float]] = {
    "BM25 (published)": (31.75, 36.86),
    "E5-base-v2": (39.42, 51.09),
    "CodeRankEmbed": (51.82, 58.76),
    "Agentless, GPT-4o": (55.47, 55.47),
    "Agentless, Claude-3.5": (58.76, 58.76),
    "SWE-agent, Claude-3.5": (64.23, 64.60),
    "LocAgent, Claude-3.5": (73.36, 77.37),
}
"""Function accuracy at 5 and 10."""
