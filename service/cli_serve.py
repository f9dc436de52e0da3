"""The command that serves the web chat and the HTTP API."""

import click

from service.settings import Settings


@click.command("serve")
@click.option("--host", help="Where to listen; 127.0.0.1 unless set.")
@click.option("--port", type=click.IntRange(1, 65535), help="8000 unless set.")
@click.option(
    "--ingest", is_flag=True, help="Bring in what the library follows, behind the server."
)
@click.pass_obj
def serve_command(settings: Settings, host: str | None, port: int | None, ingest: bool) -> int:
    """Serve the web chat and the HTTP API."""
    from service.serving import AddressTaken, serve  # noqa: PLC0415 - gunicorn is for POSIX only

    flags = {"host": host, "port": port}
    chosen = settings.model_copy(update={name: v for name, v in flags.items() if v is not None})
    try:
        serve(chosen, ingest, click.echo)
    except AddressTaken as error:
        raise click.ClickException(str(error)) from error
    return 0
