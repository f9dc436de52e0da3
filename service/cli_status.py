"""The command that shows how a library stands and what happened in it."""

from dataclasses import asdict
from datetime import datetime

import click

from index import Store
from ingest import Catalogue
from service import options, terminal
from service.history import LinkList, News, RunList, links_of, news_since, runs_of
from service.options import AS_JSON, MOMENT
from service.settings import Settings
from service.standing import Status, status_of


@click.command("status")
@click.option("--runs", is_flag=True, help="Show the runs instead, the last one first.")
@click.option(
    "--since", type=MOMENT, callback=options.moment, help="Show what is new since a day instead."
)
@click.option("--links", is_flag=True, help="Show what was linked and why instead.")
@AS_JSON
@click.pass_obj
def status_command(
    settings: Settings, runs: bool, since: datetime | None, links: bool, as_json: bool
) -> int:
    """Show what the library holds and follows, what failed, and what is still missing."""
    if runs + links + (since is not None) > 1:
        raise click.UsageError("Choose one of --runs, --since and --links.")
    store = Store.open(settings.data)
    try:
        shown = _shown(store, runs, since, links)
    finally:
        store.close()
    click.echo(terminal.as_json(asdict(shown)) if as_json else shown.as_text())
    return 0


def _shown(
    store: Store, runs: bool, since: datetime | None, links: bool
) -> Status | RunList | News | LinkList:
    catalogue = Catalogue(store)
    if runs:
        return runs_of(store)
    if links:
        return links_of(store, catalogue)
    return news_since(since, store, catalogue) if since else status_of(store, catalogue)
