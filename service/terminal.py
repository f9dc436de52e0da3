"""What the command line shows people: reports, answers and hits."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from index import Hit
from ingest import Failure, Report
from ingest.report import Removed
from service.answers import Answer, Source

_SHOWN = 20


def as_json(value: object, line: bool = False) -> str:
    """Return a value as JSON, indented or on one line."""
    return json.dumps(value, ensure_ascii=False, indent=None if line else 2)


def moment_text(iso: str, dated: bool = False) -> str:
    """Return a moment of ISO 8601 as "14:05 UTC", after its day if `dated` or not of today."""
    moment = datetime.fromisoformat(iso).astimezone(UTC)
    today = moment.date() == datetime.now(UTC).date()
    return f"{moment:%H:%M} UTC" if today and not dated else f"{moment:%Y-%m-%d %H:%M} UTC"


def next_try_text(iso: str) -> str:
    """Say when something is tried again that is put off until this moment of ISO 8601."""
    if datetime.fromisoformat(iso) <= datetime.now(UTC):
        return "the next ingest tries again"
    return f"tried again after {moment_text(iso)}"


def first_words(text: str, most: int = 100) -> str:
    """Return the beginning of a text on one line, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most].rsplit(' ', 1)[0]} …"


def report_text(report: Report) -> str:
    """Return a run's report as people read it; what has one reason stands in one line."""
    lines = [_would_be(report) if report.dry_run else _summary(report)]
    if report.repeated or report.restored:
        repeated, restored = report.repeated, report.restored
        lines.append(f"  records: {repeated} of papers that came before, {restored} ids restored")
    if report.named:
        added = "would be added" if report.dry_run else "added"
        lines.append(f"  {added} because posts name them: {_listed(report.named, _SHOWN)}")
    lines += [*_by_reason("failed", report.failed), *_by_reason("pending", report.pending)]
    lines += _by_reason("note", report.notes)
    return "\n".join(lines)


def removed_text(removed: Removed) -> str:
    """Say how many documents were taken out, and what is good to know."""
    many = removed.documents
    first = f"{many} document{'' if many == 1 else 's'} removed."
    return "\n".join([first, *_by_reason("note", removed.notes)])


def _summary(report: Report) -> str:
    summary = (
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.removed} removed, {len(report.failed)} failed; "
        f"{report.embeddings} embeddings computed in {report.seconds:.1f} s"
    )
    if report.stopped:
        return f"Stopped; what was done is kept, 'journalclub ingest' goes on. {summary}"
    return summary


def _would_be(report: Report) -> str:
    stopped = "Stopped before all was looked at. " if report.stopped else ""
    return (
        f"{stopped}Dry run, nothing was changed: would add {report.added}, change "
        f"{report.changed}, leave {report.unchanged}, remove {report.removed}; would compute "
        f"{report.embeddings} embeddings; {len(report.failed)} failed"
    )


def _by_reason(state: str, failures: Sequence[Failure]) -> list[str]:
    reasons = Counter(failure.reason for failure in failures)
    lines = []
    for reason in list(reasons)[:_SHOWN]:
        same = [failure for failure in failures if failure.reason == reason]
        named = _listed([failure.source for failure in same], 3)
        lines.append(f"  {state}: {named}: {reason}{_tried_again(same)}")
    if len(reasons) > _SHOWN:
        lines.append(f"  … and {len(reasons) - _SHOWN} more reasons; --json lists everything")
    return lines


def _tried_again(failures: Sequence[Failure]) -> str:
    moments = [failure.next_try for failure in failures if failure.next_try]
    return f" ({next_try_text(min(moments))})" if moments else ""


def _listed(names: Sequence[str], most: int) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


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
        lines.append(f"  [{number}] {title} ({_kind(source)}) {where}")
    return "\n".join(lines)


def _kind(source: Source) -> str:
    return ", ".join(filter(None, (source.kind, source.notice)))


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
