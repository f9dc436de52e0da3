"""Where the command line begins, as `journalclub` and as `python -m service`."""

import signal


def main() -> None:
    """Run the command line; Ctrl-C while it is still being imported ends it without a word."""
    ours = signal.getsignal(signal.SIGINT)
    if ours is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from service.cli import main as run  # noqa: PLC0415 - after the lines above

    signal.signal(signal.SIGINT, ours)
    run()


if __name__ == "__main__":
    main()
