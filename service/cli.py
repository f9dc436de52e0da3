"""The command line: what each command needs is imported when that command is called."""

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import click

from service.faults import FAULTS, told
from service.settings import Settings

# A question is answered in less time than it takes to import what brings papers in.
_COMMANDS = {
    "ask": "service.cli_ask:ask_command",
    "doctor": "service.cli_doctor:doctor_command",
    "eval": "service.cli_eval:eval_group",
    "ingest": "service.cli_ingest:ingest_command",
    "remove": "service.cli_ingest:remove_command",
    "search": "service.cli_ask:search_command",
    "serve": "service.cli_serve:serve_command",
    "status": "service.cli_status:status_command",
}


class _Commands(click.Group):
    """The commands by name, each imported when it is looked up."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="journal-club")
@click.option("--data", type=click.Path(path_type=Path), help="The library's folder.")
@click.pass_context
def cli(ctx: click.Context, data: Path | None) -> None:
    """Journal Club: a reading group's memory, answered with quotes that can be checked.

    Settings come from the environment or from .env (see .env.example); flags win.
    """
    settings = Settings.from_environment()
    ctx.obj = settings.model_copy(update={"data": data}) if data else settings


def main() -> None:
    """Run the command line; what a user can mend is told in a line, never as a traceback."""
    try:
        _check_text(sys.argv)
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except FAULTS as error:
        click.echo(told(error), err=True)
        sys.exit(1)


def _check_text(arguments: Iterable[str]) -> None:
    """Refuse bytes that are no text: Python passes them on as characters that nothing can store."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            message = f"{argument!r} is not UTF-8 text. Write it in UTF-8."
            raise click.UsageError(message) from error
