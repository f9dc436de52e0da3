"""The number that grows with each committed change of a library, and the stamp of each change."""

import sqlite3


def generation_of(connection: sqlite3.Connection) -> int:
    """Return the number that grows with each committed change of the library."""
    return int(connection.execute("select generation from library").fetchone()[0])


def moment_of(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Return the library's generation with its stamp, which tell any two changes apart.

    After a backup was restored in its place a library may have an earlier generation, or the same
    one of another history.
    """
    found = connection.execute(
        "select generation, stamp from library left join generations on number = generation"
    ).fetchone()
    return int(found[0]), bytes(found[1] or b"")


def next_generation(connection: sqlite3.Connection) -> int:
    """Count a change of the library, in whose transaction this belongs; return its number."""
    changed = connection.execute(
        "update library set generation = generation + 1 returning generation"
    )
    number = int(changed.fetchone()[0])
    connection.execute("insert or replace into generations values (?, randomblob(8))", (number,))
    return number


def stamp_of(connection: sqlite3.Connection, generation: int) -> bytes | None:
    """Return what no other library has for this generation; None for one that never was.

    What is derived from a library keeps the stamp of its generation: with another stamp it is of
    another library, or of a history that a restored backup has left.
    """
    found = connection.execute("select stamp from generations where number = ?", (generation,))
    return next((bytes(row[0]) for row in found), None)
