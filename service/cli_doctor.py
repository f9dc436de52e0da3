"""The command that looks whether all is sound."""

from dataclasses import asdict

import click

from service import terminal
from service.composition import embedder_of
from service.doctor import examine, repaired
from service.options import AS_JSON
from service.settings import Settings


@click.command("doctor")
@click.option("--repair", is_flag=True, help="Mend what is derived first.")
@AS_JSON
@click.pass_obj
def doctor_command(settings: Settings, repair: bool, as_json: bool) -> int:
    """Check versions, disk, model, library and derived index."""
    mended = list(repaired(settings)) if repair else []
    checks = [*mended, *examine(settings, embedder_of(settings))]
    if as_json:
        click.echo(terminal.as_json({"checks": [asdict(check) for check in checks]}))
    else:
        for check in checks:
            click.echo(f"{'ok ' if check.sound else 'BAD'}  {check.name}: {check.detail}")
            if check.cure and not check.sound:
                click.echo(f"     {check.cure}")
    return int(not all(check.sound for check in checks))
