"""Papers that are in no library, in tables of the same make in memory."""

import sqlite3
import weakref
from collections.abc import Iterable
from pathlib import Path

from index import migrate, transaction
from ingest.links.name_rows import NameRows
from ingest.links.name_tables import NameTables
from ingest.paper import Paper
from ingest.paper_rows import row_of


def tables_of(papers: Iterable[Paper]) -> NameTables:
    """Return the tables by which texts find these papers; they go when nobody uses them."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    migrate(connection, Path(":memory:"), "ingest.migrations")
    columns = tuple(row_of(Paper("")))
    statement = (
        f"insert or replace into papers ({', '.join(columns)})"
        f" values ({', '.join(f':{column}' for column in columns)})"
    )
    with transaction(connection):
        connection.executemany(statement, map(row_of, papers))
    NameRows(connection).catch_up()
    tables = NameTables(connection)
    weakref.finalize(tables, connection.close)
    return tables
