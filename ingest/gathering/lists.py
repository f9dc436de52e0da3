"""Read reading lists and bibliographies: what their entries lead to, and what else they name."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.errors import BadSource, SourceError
from ingest.files.bibliography import read_bibliography
from ingest.files.reading_list import ReadingList, read_reading_list
from ingest.files.saved_thread import read_thread
from ingest.following import STARTER
from ingest.gathering.posts import keep_saved
from ingest.naming import listing_name, topic_name
from ingest.paper import Paper
from ingest.paper_rows import BY_LIST, Origin, thing_of
from ingest.titles import stands_alone
from ingest.under_way import Run, Unfound

_STARTER_FILE = Path(__file__).parent.parent / "starter" / "good-readings-2019.toml"


def read_list(source: str, name: str, run: Run) -> list[str]:
    """Take in the papers and notes of a reading list; return the sources that it names.

    What is struck from the list leaves at once, if nothing else follows it.
    """
    reading = read_reading_list(_STARTER_FILE if source == STARTER else Path(name))
    papers = [_as_known(entry.to_paper(), run) for entry in reading.papers]
    works = [
        Unfound(source, f"{name}, {paper.title or paper.id}", paper, entry.note)
        for paper, entry in zip(papers, reading.papers, strict=True)
    ]
    taken = _take(works, run)
    here = {paper.id for paper in taken}
    noted = [(work.paper.id, work.note) for work in works if work.note and work.paper.id in here]
    sources = _sources(reading)
    run.catalogue.follows.set_children(
        source,
        [
            *(thing_of(paper.id) for paper in taken),
            *(f"note:{paper}" for paper, _ in noted),
            *sources,
            *(f"thread:{thread.file}" for thread in reading.threads),
        ],
    )
    _merge(source, taken, run)
    keep_notes(source, noted, run)
    said = {link.post_key: link.papers for link in reading.links}
    run.catalogue.threads.set_corrections(source, said)
    kept = set(run.catalogue.follows.children(source))
    run.found.fallbacks += [t for t in reading.threads if f"thread:{t.file}" in kept]
    return [further for further in sources if further in kept]


def read_bib(source: str, name: str, run: Run) -> list[str]:
    """Take in the works of a bibliography; those without an arXiv id are looked up by title.

    As long as some of its entries cannot be read, it loses none of its works.
    """
    works: list[Unfound] = []
    broken = False
    for entry in read_bibliography(Path(name)):
        if isinstance(entry, SourceError):
            run.fail(entry)
            broken = True
            continue
        works.append(Unfound(source, entry.place, _as_known(entry.paper, run)))
    taken = _take(works, run)
    things = [thing_of(paper.id) for paper in taken]
    kept = run.catalogue.follows.children(source) if broken else []
    run.catalogue.follows.set_children(source, [*things, *kept])
    _merge(source, taken, run)
    return []


def read_fallbacks(run: Run) -> None:
    """Read saved threads, but those whose live topics are here: their own posts retire."""
    for thread in run.found.fallbacks:
        source = f"thread:{thread.file}"
        try:
            if thread.topic and run.catalogue.holds(topic_name(thread.topic)):
                run.found.retiring.append(source)
            else:
                keep_saved(source, read_thread(thread.file, thread.title, thread.topic), run)
        except BadSource as error:
            run.fail(error)


def check_corrections(run: Run) -> None:
    """Tell which corrections of links correct nothing, or name papers that are not here."""
    threads = run.catalogue.threads
    corrections = threads.corrections()
    here = threads.known(corrections)
    for post, papers in corrections.items():
        if post not in here:
            run.note(post, "[[links]] corrects nothing: no such post is here. Look up its address.")
            continue
        known = {paper.id for paper in run.catalogue.papers.get(papers)}
        for missing in (paper for paper in papers if paper not in known):
            run.note(post, f"[[links]] cannot link it: {missing} is not here. List it as well.")


def _sources(reading: ReadingList) -> list[str]:
    return [
        *(topic_name(topic.url) for topic in reading.topics),
        *(listing_name(category.url) for category in reading.categories),
        *(f"bib:{bibliography.file}" for bibliography in reading.bibliographies),
    ]


def _as_known(paper: Paper, run: Run) -> Paper:
    """Return the paper under its arXiv id, where an earlier run found that."""
    known = None if paper.is_on_arxiv else run.catalogue.sources.resolved(paper.id)
    return replace(paper, id=known) if known else paper


def _take(works: Iterable[Unfound], run: Run) -> list[Paper]:
    """Return the papers that stand in the library now; the titles of others are to be looked up."""
    excluded = run.catalogue.follows.excluded()
    taken = []
    for work in works:
        if thing_of(work.paper.id) in excluded:
            continue
        if not work.paper.is_on_arxiv:
            run.found.unfound.append(work)
        if work.paper.is_on_arxiv or stands_alone(work.paper):
            taken.append(work.paper)
    return taken


def _merge(source: str, papers: Sequence[Paper], run: Run) -> None:
    run.catalogue.papers.claim(papers, Origin(source, BY_LIST))
    run.found.wanted |= dict.fromkeys(paper.id for paper in papers if paper.is_on_arxiv)


def keep_notes(source: str, noted: Iterable[tuple[str, str]], run: Run) -> None:
    """Keep a list's notes, but for those on papers on which a list of an earlier name has one.

    These are told: taking whichever comes last, two lists would change the note in each run.
    """
    for paper, note in noted:
        owner = next(iter(run.catalogue.follows.parents(f"note:{paper}")), None)
        if owner == source:
            run.found.notes[paper] = note
        elif owner:
            path = owner.partition(":")[2]
            reason = f"it is left out, for {path} has one as well: take one of them out"
            run.fail(BadSource(f"{source.partition(':')[2]}, note on {paper}", reason))
