"""Ask arXiv for the papers that sources name: by id, by title, or in the middle of a post."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.arxiv.ids import parse_arxiv_id
from ingest.errors import BadSource, Gone, SourceError, Unreachable
from ingest.gathering.lists import keep_notes
from ingest.paper import Paper
from ingest.paper_rows import ARXIV, BY_LIST, NAME, Claim, Origin, thing_of
from ingest.report import Failure, Progress
from ingest.titles import agreeing, stands_alone
from ingest.under_way import Run, Unfound

_DAY_S = 86_400.0
_AT_ONCE = 100


def want(source: str, name: str, run: Run) -> list[str]:
    """Note that a paper is to be asked for."""
    run.found.wanted[parse_arxiv_id(name).id] = None
    return []


def look_up(run: Run) -> None:
    """Look up the titles of works without an arXiv id; what is found is then that paper."""
    works = run.found.unfound
    if run.is_whole:
        run.retries.keep_only("title:", [f"title:{work.paper.id}" for work in works])
    for done, work in enumerate(works):
        run.watch(Progress("looking up titles", done, len(works)))
        title = f"title:{work.paper.id}"
        if retry := run.put_off(title):
            _tell_unfound(work, retry.reason, run)
            continue
        try:
            found = _found(work.paper, run)
        except Unreachable as error:
            run.tally.pending.append(Failure(work.place, error.reason, _next_try(run)))
            continue
        if found:
            run.retries.succeeded(title)
            _resolve(work, found, run)
        else:
            reason = "arXiv has no paper of just this title"
            run.retries.failed(title, reason, _DAY_S)
            _tell_unfound(work, reason, run)


def _found(wanted: Paper, run: Run) -> Paper | None:
    """Return the paper of this title: one that is here, or else one that arXiv has."""
    title = wanted.title or ""
    if known := agreeing(wanted, run.catalogue.papers.titled(title)):
        return known
    return agreeing(wanted, run.outside.papers.search_title(title, run.retries))


def _tell_unfound(work: Unfound, reason: str, run: Run) -> None:
    if stands_alone(work.paper):
        run.note(work.place, f"{reason}: it stands here as a record without abstract")
    else:
        advice = "Give its arXiv id, or its DOI or authors and year to keep it as a record."
        run.fail(BadSource(work.place, f"{reason}. {advice}"))


def _resolve(work: Unfound, found: Paper, run: Run) -> None:
    """Let a work that a list names be the arXiv paper that it was found to be."""
    catalogue, source = run.catalogue, work.source
    old, new = work.paper.id, found.id
    catalogue.sources.set_resolved(old, new)
    catalogue.follows.follow([thing_of(new)], source)
    catalogue.papers.claim(
        [replace(work.paper, id=new, year=None, url=None)], Origin(source, BY_LIST)
    )
    run.found.notes.pop(old, None)
    catalogue.follows.unfollow(f"note:{old}", source)
    if thing_of(new) in catalogue.follows.excluded():
        catalogue.follows.unfollow(thing_of(old), source)
        return
    if work.note:
        catalogue.follows.follow([f"note:{new}"], source)
        keep_notes(source, [(new, work.note)], run)
    catalogue.follows.unfollow(thing_of(old), source)
    if not catalogue.papers.get([new]):
        catalogue.papers.claim([found], ARXIV)
    run.found.wanted[new] = None


def fetch_papers(run: Run) -> None:
    """Ask for the papers that lists and command lines name, and again for those that posts name.

    What came stays when this is stopped.
    """
    if not run.given.only:
        run.found.wanted |= dict.fromkeys(run.catalogue.follows.named())
    wanted = list(run.found.wanted)
    told: list[Claim] = []
    unreachable: list[SourceError] = []
    try:
        for done, answer in enumerate(run.outside.papers.fetch(wanted, run.retries), 1):
            run.watch(Progress("asking arXiv", done, len(wanted)))
            if isinstance(answer, Claim):
                told.append(answer)
            elif isinstance(answer, Unreachable):
                unreachable.append(answer)
            else:
                _give_up(answer, run)
            if len(told) == _AT_ONCE:
                _take_in(told, run)
                told.clear()
    finally:
        _take_in(told, run)
    _note_pending(unreachable, run)


def _take_in(told: Sequence[Claim], run: Run) -> None:
    for origin in dict.fromkeys(claim.origin for claim in told):
        papers = [claim.paper for claim in told if claim.origin == origin]
        run.catalogue.papers.claim(papers, origin)


def _give_up(refused: SourceError, run: Run) -> None:
    """Tell which id arXiv does not know, and follow it no more if arXiv never gave an abstract.

    What a reading list or a file holds stays theirs.
    """
    run.fail(refused)
    paper = parse_arxiv_id(refused.source).id
    if _is_gone(refused, paper, run):
        run.catalogue.papers.take_back(paper)
    if not any(known.abstract for known in run.catalogue.papers.get([paper])):
        run.catalogue.follows.unfollow(thing_of(paper))


def _is_gone(refused: SourceError, paper: str, run: Run) -> bool:
    """Tell whether arXiv took a paper out that it knew: its OAI service must say so too."""
    known = any(paper.abstract for paper in run.catalogue.papers.get([paper]))
    if isinstance(refused, Gone) or not known:
        return isinstance(refused, Gone)
    return isinstance(next(iter(run.outside.harvester.fetch([paper]))), BadSource)


def _note_pending(unreachable: Sequence[SourceError], run: Run) -> None:
    """Remember which abstracts are missing because arXiv could not be asked."""
    reasons = {parse_arxiv_id(error.source).id: error.reason for error in unreachable}
    known = {paper.id for paper in run.catalogue.papers.get(list(reasons))}
    run.catalogue.papers.claim([Paper(paper) for paper in reasons if paper not in known], NAME)
    missing = sorted(run.catalogue.papers.pending().keys() & reasons.keys())
    when = _next_try(run)
    for paper in missing:
        run.catalogue.papers.set_pending(paper, reasons[paper])
        run.tally.pending.append(Failure(f"arXiv:{paper}", reasons[paper], when))
    if stale := len(reasons) - len(missing):
        reason = next(iter(reasons.values()))
        what = f"{stale} known papers could not be looked up again: {reason}"
        run.tally.pending.append(Failure("arXiv", what, when))


def _next_try(run: Run) -> str | None:
    """Return when the first of the sources of papers may be asked again, None if that is now."""
    waiting = [r for r in run.retries.all() if r.source.startswith("source:")]
    if not waiting or any(run.put_off(retry.source) is None for retry in waiting):
        return None
    return min(retry.next_try for retry in waiting).isoformat(timespec="seconds")


def fetch_named(run: Run) -> None:
    """Ask for papers that posts name by id and nothing else holds; they stay with the posts.

    At most so many in a run as the setting says; the next run goes on with the rest.
    """
    if run.given.only:
        return
    run.catalogue.follows.settle_named()
    named = run.catalogue.threads.named()
    run.retries.keep_only("arXiv:", [f"arXiv:{paper}" for paper in named])
    due = sorted(
        (paper for paper in named if not run.put_off(f"arXiv:{paper}")),
        key=lambda paper: run.retries.failures(f"arXiv:{paper}"),
    )
    chosen = due[: run.outside.named_papers]
    unreachable: list[SourceError] = []
    for result in run.outside.papers.fetch(chosen, run.retries) if chosen else ():
        if isinstance(result, Claim):
            _add_named(result, named[result.paper.id], run)
            continue
        paper = parse_arxiv_id(result.source).id
        if isinstance(result, Unreachable):
            unreachable.append(result)
            run.retries.failed(f"arXiv:{paper}", result.reason, 0.0)
        else:
            run.retries.failed(f"arXiv:{paper}", result.reason, _DAY_S)
            run.note(named[paper][0], f"the post names arXiv:{paper}. {result.reason}")
    _tell_left(unreachable, len(due) - len(chosen), run)


def _tell_left(unreachable: Sequence[SourceError], more: int, run: Run) -> None:
    """Tell which papers that posts name did not come."""
    if unreachable:
        some = ", ".join(error.source for error in unreachable[:3])
        what = f"{len(unreachable)} papers that posts name ({some}): {unreachable[0].reason}"
        run.tally.pending.append(Failure("arXiv", what, _next_try(run)))
    if more and run.outside.named_papers:
        run.note("arXiv", f"{more} more papers that posts name are fetched by the next runs")


def _add_named(told: Claim, posts: Sequence[str], run: Run) -> None:
    paper = told.paper.id
    for post in posts:
        run.catalogue.follows.follow([thing_of(paper)], f"comment:{post}")
    run.catalogue.papers.claim([told.paper], told.origin)
    run.retries.succeeded(f"arXiv:{paper}")
    run.tally.named.append(paper)
