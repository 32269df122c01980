"""The demo's picture: the emission of twenty years, and how its own hours were split."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from iog_client import schedule
from iog_client.amounts import IO

MONTH = 730
INK, ACCENT = "#1d2433", "#e4572e"
COLOURS = ["#2e86ab", "#86bbd8", "#f6ae2d", "#33658a", "#758e4f", "#b0b7c3"]


@dataclass(frozen=True, slots=True)
class HourSplit:
    """Who got how much of one hour, base units by label; every hour has the same labels."""

    hour: int
    parts: dict[str, int]


def draw(path: Path, hours: Sequence[HourSplit]) -> None:
    """Write the chart as PNG to `path`."""
    # Heavy, and only the demo draws: not loaded with the module.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"font.size": 10, "axes.edgecolor": INK, "text.color": INK})
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(12, 4.8), width_ratios=[1.15, 1], constrained_layout=True
    )
    _emission(left, max((split.hour for split in hours), default=0))
    _split(right, hours)
    figure.suptitle("IOG demo: simulated GPUs, real programs, real jobs", fontweight="bold")
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def _emission(axes, paid: int) -> None:  # type: ignore[no-untyped-def]
    months = range(241)
    totals = [schedule.emitted(month * MONTH) / IO / 1e6 for month in months]
    axes.fill_between([month / 12 for month in months], totals, color=COLOURS[1], alpha=0.35)
    axes.plot([month / 12 for month in months], totals, color=COLOURS[0], linewidth=2)
    axes.plot([paid / MONTH / 12], [schedule.emitted(paid) / IO / 1e6], "o", color=ACCENT, zorder=3)
    axes.annotate(
        f"{paid} hours paid here:\n{schedule.emitted(paid) / IO:,.2f} IO",
        (paid / MONTH / 12, schedule.emitted(paid) / IO / 1e6),
        xytext=(3.2, 28),
        arrowprops={"arrowstyle": "->", "color": ACCENT},
        color=ACCENT,
    )
    axes.set(
        title="Emission: 300 million IO, paid hourly over 20 years",
        xlabel="years since the start of emission",
        ylabel="million IO emitted",
        xlim=(0, 20),
        ylim=(0, 315),
    )
    _tidy(axes)


def _split(axes, hours: Sequence[HourSplit]) -> None:  # type: ignore[no-untyped-def]
    labels = list(hours[0].parts) if hours else []
    labels.sort(key=lambda label: sum(split.parts[label] for split in hours))
    lefts = [0.0] * len(labels)
    for index, split in enumerate(hours):
        widths = [split.parts[label] / IO for label in labels]
        colour = COLOURS[index % len(COLOURS)]
        axes.barh(labels, widths, 0.6, left=lefts, label=f"hour {split.hour}", color=colour)
        lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
    for row, total in enumerate(lefts):
        axes.annotate(f" {total:,.2f} IO", (total, row), va="center", fontsize=9)
    axes.set(title="Where each hour's emission went", xlabel="IO")
    axes.set_xlim(0, max(lefts, default=1) * 1.22)
    axes.legend(loc="lower right", frameon=False)
    _tidy(axes, "x")


def _tidy(axes, grid: str = "y") -> None:  # type: ignore[no-untyped-def]
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, alpha=0.25)
