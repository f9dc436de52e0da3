"""Two pictures of a measurement: recall by depth, and the two searches against each other."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.evaluation.collection import Collection
from service.evaluation.comparing import ALIKE
from service.evaluation.errors import BadFile, needs_extra
from service.evaluation.measures import recall
from service.evaluation.runs import QueryRun
from service.evaluation.searching import DEPTH, SEARCHES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which people who see fewer colours can tell apart. The later line lies on
# the earlier one and leaves some of it to be seen.
_BLUE, _ORANGE, _GREEN = "#0072B2", "#D55E00", "#009E73"
_STYLES: dict[str, dict[str, Any]] = {
    "fused": {"color": _GREEN, "linestyle": "-", "linewidth": 6, "alpha": 0.5},
    "dense": {"color": _BLUE, "linestyle": "--", "linewidth": 2.5},
    "words": {"color": _ORANGE, "linestyle": ":", "linewidth": 2.5},
}
_TICKS = (1, 2, 5, 10, 20, 50, 100)
_MEASURE = "ndcg@10"


def check_plots(folder: Path) -> None:
    """Make the folder and see that pictures can be drawn, before anything long is begun.

    Raises `MissingExtra`, and `BadFile` when the folder cannot be made.
    """
    _figure()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be made ({error.strerror}). Name a folder you may write to."
        raise BadFile(folder, None, reason) from error


def draw(folder: Path, collection: Collection, runs: Sequence[QueryRun]) -> list[Path]:
    """Write the pictures into the folder and return where they are. Raises `BadFile`."""
    title = f"{collection.name}, {collection.split} ({len(collection.queries)} queries)"
    by_search = {name: [run for run in runs if run.search == name] for name in SEARCHES}
    depths = range(1, min(DEPTH, max(2, len(collection.ids))) + 1)
    recalls = {
        name: [_mean_recall(mine, collection, depth) for depth in depths]
        for name, mine in by_search.items()
    }
    pairs = [
        (words.measures[_MEASURE], dense.measures[_MEASURE])
        for words, dense in zip(by_search["words"], by_search["dense"], strict=True)
    ]
    return [
        _saved(folder / "recall-by-depth.png", lambda: recall_by_depth(recalls, title)),
        _saved(folder / "dense-against-words.png", lambda: dense_against_words(pairs, title)),
    ]


def _mean_recall(runs: Sequence[QueryRun], collection: Collection, depth: int) -> float:
    found = [
        recall([document for document, _ in run.documents], collection.judgements[run.query], depth)
        for run in runs
    ]
    return sum(found) / len(found)


def recall_by_depth(recalls: Mapping[str, Sequence[float]], title: str) -> "Figure":
    """Return the picture of each search's recall, given for one document, two, and so on."""
    figure = _figure()
    axes = figure.add_subplot()
    for name, style in _STYLES.items():
        axes.plot(range(1, len(recalls[name]) + 1), recalls[name], label=name, **style)
    last = len(recalls["fused"])
    ticks = [*(each for each in _TICKS if each < 0.8 * last), last]
    axes.set_xscale("log")
    axes.set_xticks(ticks, labels=list(map(str, ticks)))
    axes.set_xticks([], minor=True)
    axes.set_xlim(1, last)
    axes.set_ylim(0, min(1.04, 1.1 * max(map(max, recalls.values()))) or 1)
    axes.set_xlabel("documents looked at")
    axes.set_ylabel("recall: share of the relevant documents found")
    axes.set_title(f"Recall by depth: {title}")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    return figure


def dense_against_words(pairs: Sequence[tuple[float, float]], title: str) -> "Figure":
    """Draw queries with the same two values as one mark, larger for more of them."""
    figure = _figure()
    axes = figure.add_subplot()
    counts = Counter((round(words, 2), round(dense, 2)) for words, dense in pairs)
    xs, ys = zip(*counts, strict=True)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, zorder=1)
    for x, y, said in ((0.25, 0.75, "vectors better"), (0.75, 0.25, "words better")):
        axes.text(x, y, said, color="grey", fontsize=13, ha="center", va="center", zorder=1)
    most = max(counts.values())
    sizes = [20 + 1200 * (count - 1) / most for count in counts.values()]
    axes.scatter(xs, ys, sizes, color=_BLUE, alpha=0.6, edgecolors="black", linewidths=0.5)
    for ((x, y), count), size in zip(counts.items(), sizes, strict=True):
        if size > 200:
            axes.annotate(str(count), (x, y), ha="center", va="center", fontsize=9)
    better = sum(dense > words + ALIKE for words, dense in pairs)
    worse = sum(words > dense + ALIKE for words, dense in pairs)
    axes.set_xlim(-0.08, 1.08)
    axes.set_ylim(-0.08, 1.08)
    axes.set_aspect("equal")
    axes.set_xlabel(f"{_MEASURE} by words (a mark's area grows with the number of queries)")
    axes.set_ylabel(f"{_MEASURE} by vectors")
    said = f"vectors better on {better}, words on {worse}, equal on {len(pairs) - better - worse}"
    axes.set_title(f"{title}\n{said}", fontsize=11)
    axes.grid(alpha=0.3)
    return figure


def _figure() -> "Figure":
    with needs_extra("matplotlib"):
        from matplotlib.figure import Figure  # noqa: PLC0415 - of the extra "eval"
    return Figure(figsize=(7, 6), dpi=120, layout="constrained")


def _saved(path: Path, drawn: Callable[[], "Figure"]) -> Path:
    try:
        drawn().savefig(path, format="png")
    except OSError as error:
        reason = f"cannot be written ({error.strerror}). Name a folder you may write to."
        raise BadFile(path, None, reason) from error
    return path
