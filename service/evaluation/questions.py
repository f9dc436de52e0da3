"""Ask a file of questions and judge every answer by what a careful reader would demand of it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import KINDS, Kind
from service.answers import Answer, Citation, Question, Turn
from service.evaluation.errors import BadFile
from service.evaluation.reading import json_object, numbered_lines, text_field
from service.evaluation.runs import QueryRun

Ask = Callable[[Question], Answer]
Stored = Callable[[Citation], str | None]

_FIELDS = ("id", "kind", "question", "history", "papers", "evidence", "sources", "abstain")


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question with what its answer must show.

    A citation of any of `papers`, for each regular expression of `evidence` a cited quote that it
    matches (whatever the case), and a citation of each kind in `sources`. With `abstain` nothing
    may be answered.
    """

    id: str
    kind: str
    question: str
    history: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    sources: tuple[Kind, ...] = ()
    abstain: bool = False


@dataclass(frozen=True, slots=True)
class KindResult:
    """How many questions of one kind were met."""

    kind: str
    questions: int
    met: int
    share: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that was not met, with every reason and the answer that was given."""

    id: str
    kind: str
    question: str
    reasons: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a file of questions showed; `share` is met / questions.

    `quotes_checked` counts the citations held against the stored text, `quotes_false` those that
    were not literally there: a question with one of these is not met.
    """

    questions: int
    met: int
    share: float
    kinds: tuple[KindResult, ...]
    failures: tuple[Failure, ...]
    citations: int
    quotes_checked: int
    quotes_false: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """What one answer showed; `failure` is None where it met its question."""

    kind: str
    failure: Failure | None
    citations: int
    quotes_false: int


def read_questions(path: Path) -> tuple[EvalQuestion, ...]:
    """Return the questions of a JSONL file in its order; BadFile tells where."""
    questions: dict[str, EvalQuestion] = {}
    for number, line in numbered_lines(path):
        try:
            question = _question(line)
            if question.id in questions:
                raise ValueError(f"the id {question.id!r} is taken. Give each question its own.")
        except ValueError as error:
            raise BadFile(path, number, str(error)) from error
        questions[question.id] = question
    if not questions:
        raise BadFile(path, None, "holds no questions. Write one JSON object on each line.")
    return tuple(questions.values())


def judge(question: EvalQuestion, answer: Answer) -> tuple[str, ...]:
    """Return the reasons why the answer does not meet the question; none means that it does."""
    if question.abstain:
        quotes = " / ".join(citation.quote for citation in answer.citations)
        return () if answer.abstained else (f"answered, where it should abstain: {quotes}",)
    if answer.abstained:
        return (f"abstained, where the library has an answer: {answer.abstain_reason}",)
    if not answer.citations:
        return ("cites nothing",)
    return (
        *_missing_paper(question, answer),
        *_missing_evidence(question, answer),
        *_missing_sources(question, answer),
    )


def evaluate(
    questions: Iterable[EvalQuestion], ask: Ask, stored: Stored | None = None
) -> Evaluation:
    """Ask every question and judge every answer.

    `stored` gives the text of the document that a citation points into, in the revision it names
    (None when there is no such document); without it quotes are not checked.
    """
    judged = [_judged(question, ask(_asked(question)), stored) for question in questions]
    failures = [each.failure for each in judged if each.failure]
    met = len(judged) - len(failures)
    citations = sum(each.citations for each in judged)
    return Evaluation(
        questions=len(judged),
        met=met,
        share=_share(met, len(judged)),
        kinds=_by_kind([each.kind for each in judged], failures),
        failures=tuple(failures),
        citations=citations,
        quotes_checked=citations if stored else 0,
        quotes_false=sum(each.quotes_false for each in judged),
    )


def _judged(question: EvalQuestion, answer: Answer, stored: Stored | None) -> _Judged:
    false = _false_quotes(answer, stored) if stored else ()
    failure = None
    if reasons := (*judge(question, answer), *false):
        failure = Failure(question.id, question.kind, question.question, reasons, answer.answer)
    return _Judged(question.kind, failure, len(answer.citations), len(false))


def question_runs(questions: Iterable[EvalQuestion], evaluation: Evaluation) -> Iterator[QueryRun]:
    """Yield, for each question, whether its answer met it: measure "met", 0 or 1."""
    failed = {failure.id for failure in evaluation.failures}
    for question in questions:
        met = float(question.id not in failed)
        yield QueryRun(question.id, "answer", len(question.question.split()), {"met": met})


def report(evaluation: Evaluation) -> str:
    """Return a plain text table of the share met per kind, then each failure with its reasons."""
    total = KindResult("all", evaluation.questions, evaluation.met, evaluation.share)
    rows = (*evaluation.kinds, total)
    width = max(len("kind"), *(len(row.kind) for row in rows))
    lines = [f"{'kind':<{width}}  questions   met   share"]
    lines += [f"{r.kind:<{width}}  {r.questions:>9}  {r.met:>4}  {r.share:>6.1%}" for r in rows]
    checked = f"{evaluation.quotes_checked} quotes checked, {evaluation.quotes_false} false"
    lines += ["", f"{evaluation.citations} citations, {checked}"]
    for failure in evaluation.failures:
        lines += ["", f"{failure.id} ({failure.kind}): {failure.question}"]
        lines += [f"  - {reason}" for reason in failure.reasons]
    return "\n".join(lines)


def _question(line: str) -> EvalQuestion:
    fields = json_object(line)
    unknown = sorted(fields.keys() - set(_FIELDS))
    if unknown:
        raise ValueError(f"unknown field {', '.join(unknown)}. Known are {', '.join(_FIELDS)}.")
    question = EvalQuestion(
        id=text_field(fields, "id"),
        kind=text_field(fields, "kind"),
        question=text_field(fields, "question"),
        history=_texts(fields, "history"),
        papers=_texts(fields, "papers"),
        evidence=_patterns(fields),
        sources=_sources(fields),
        abstain=_flag(fields, "abstain"),
    )
    if question.abstain and (question.papers or question.evidence or question.sources):
        raise ValueError("abstain stands alone: take out papers, evidence and sources.")
    return question


def _texts(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    values = fields.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise ValueError(f"{name} must be a list of texts, none of them empty.")
    return tuple(values)


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false.")
    return value


def _patterns(fields: dict[str, Any]) -> tuple[str, ...]:
    patterns = _texts(fields, "evidence")
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            reason = f"evidence {pattern!r} is no regular expression ({error}). Correct it."
            raise ValueError(reason) from error
    return patterns


def _sources(fields: dict[str, Any]) -> tuple[Kind, ...]:
    named = _texts(fields, "sources")
    unknown = [name for name in named if name not in KINDS]
    if unknown:
        raise ValueError(f"unknown source {', '.join(unknown)}. Known are {', '.join(KINDS)}.")
    return tuple(kind for kind in KINDS if kind in named)


def _missing_paper(question: EvalQuestion, answer: Answer) -> tuple[str, ...]:
    cited = {paper for each in answer.citations for paper in (each.arxiv_id, *each.about) if paper}
    if not question.papers or not cited.isdisjoint(question.papers):
        return ()
    found = ", ".join(sorted(cited)) or "none"
    return (f"cites none of {', '.join(question.papers)} (papers cited: {found})",)


def _missing_evidence(question: EvalQuestion, answer: Answer) -> tuple[str, ...]:
    quotes = [citation.quote for citation in answer.citations]
    return tuple(
        f"no quote matches {pattern!r}"
        for pattern in question.evidence
        if not any(re.search(pattern, quote, re.IGNORECASE) for quote in quotes)
    )


def _missing_sources(question: EvalQuestion, answer: Answer) -> tuple[str, ...]:
    cited = {citation.kind for citation in answer.citations}
    return tuple(f"cites no {kind}" for kind in question.sources if kind not in cited)


def _false_quotes(answer: Answer, stored: Stored) -> tuple[str, ...]:
    return tuple(
        f"the quote [{each.number}] is not at {each.start}..{each.end} of {each.document}"
        for each in answer.citations
        if not _stands(each, stored(each))
    )


def _stands(citation: Citation, text: str | None) -> bool:
    if text is None or not 0 <= citation.start < citation.end <= len(text):
        return False
    return text[citation.start : citation.end] == citation.quote


def _asked(question: EvalQuestion) -> Question:
    history = tuple(Turn(question=earlier) for earlier in question.history)
    return Question(question=question.question, history=history)


def _by_kind(asked: list[str], failures: list[Failure]) -> tuple[KindResult, ...]:
    total = Counter(asked)
    failed = Counter(failure.kind for failure in failures)
    return tuple(
        KindResult(kind, count, count - failed[kind], _share(count - failed[kind], count))
        for kind, count in total.items()
    )


def _share(met: int, questions: int) -> float:
    return met / questions if questions else 0.0
