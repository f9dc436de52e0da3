"""What the command line shows people: progress bars, answers, hits and reports."""

from collections import Counter
from collections.abc import Sequence
from typing import Never, TextIO

from tqdm import tqdm

from index import Hit
from ingest import Failure, Progress, Report
from service.answers import Answer

_STAGES = {
    "reading": "Reading records",
    "asking arXiv": "Asking arXiv",
    "storing": "Embedding and storing",
}
_SHOWN = 20


class Bars:
    """Progress bars, one a stage, on a terminal; nothing elsewhere. Use it as a context manager."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage: str | None = None
        self._bar = tqdm(disable=True)

    def __enter__(self) -> "Bars":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, progress: Progress) -> None:
        """Show how far a stage is."""
        if not self._stream.isatty():
            return
        if progress.stage != self._stage:
            self._bar.close()
            self._stage = progress.stage
            self._bar = self._new_bar(progress)
        self._bar.update(progress.done - self._bar.n)

    def _new_bar(self, progress: Progress) -> "tqdm[Never]":
        label = _STAGES.get(progress.stage, progress.stage)
        return tqdm(
            total=progress.total, desc=label, unit=" docs", file=self._stream, smoothing=0.1
        )


def report_text(report: Report) -> str:
    """Return a run's report as people read it; what has one reason stands in one line."""
    summary = (
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.removed} removed, {len(report.failed)} failed; "
        f"{report.embeddings} embeddings computed in {report.seconds:.1f} s"
    )
    if report.stopped:
        summary = f"Stopped; what was done is kept, 'journalclub ingest' goes on. {summary}"
    lines = [summary]
    if report.repeated or report.restored:
        repeated, restored = report.repeated, report.restored
        lines.append(f"  records: {repeated} of papers that came before, {restored} ids restored")
    lines += [*_by_reason("failed", report.failed), *_by_reason("pending", report.pending)]
    return "\n".join(lines)


def _by_reason(state: str, failures: Sequence[Failure]) -> list[str]:
    reasons = Counter(failure.reason for failure in failures)
    lines = []
    for reason, count in list(reasons.items())[:_SHOWN]:
        sources = [failure.source for failure in failures if failure.reason == reason]
        named = ", ".join(sources[:3]) + (f" and {count - 3} more" if count > 3 else "")
        lines.append(f"  {state}: {named}: {reason}")
    if len(reasons) > _SHOWN:
        lines.append(f"  … and {len(reasons) - _SHOWN} more reasons; --json lists everything")
    return lines


def answer_text(answer: Answer) -> str:
    """Return an answer with its sources, or what was nearest when there is none."""
    lines = []
    if answer.standalone_question != answer.question:
        lines += [f"Understood as: {answer.standalone_question}", ""]
    lines.append(answer.answer)
    shown = answer.citations or answer.sources[:3]
    lines += ["", "Sources:" if answer.citations else "Nearest passages:"]
    for number, source in enumerate(shown, 1):
        where = source.url or source.document
        title = source.title if answer.citations else f"{source.title}: “{source.quote[:160]}”"
        lines.append(f"  [{number}] {title} ({source.kind}) {where}")
    return "\n".join(lines)


def hits_text(hits: Sequence[Hit]) -> str:
    """Return hits with their scores, best first."""
    if not hits:
        return "Nothing found. Try other words, or fewer filters."
    return "\n\n".join(
        f"{hit.score:.3f}  {hit.passage.document.title} ({hit.passage.document.kind})\n"
        f"       {hit.passage.document.key}  {hit.passage.document.url or ''}\n"
        f"       {' '.join(hit.passage.text.split())[:300]}"
        for hit in hits
    )
