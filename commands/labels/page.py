"""Open the labelling page."""

import argparse
import json
import os
import secrets
import socket
import sys
from contextlib import suppress
from pathlib import Path

from active_learning.core.errors import UserError

PORT = 8010
_RED = "\033[31m{}\033[0m"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", metavar="NAME", help="annotator: a-z, 0-9, _ and -")
    parser.add_argument("--port", type=int, default=PORT, help="port of the page (%(default)s)")
    parser.add_argument("--lan", action="store_true", help="let other machines open the page")
    parser.add_argument("--train", action="store_true", help="show a button for the next round")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def main(options: argparse.Namespace) -> None:
    """Serve the page until Ctrl-C."""
    listener = _listen(options.port, lan=options.lan)
    with listener:
        from aiohttp import web

        from commands.labels import round as first_round
        from commands.labels.server import Training, create_app
        from commands.labels.session import Session
        from commands.labels.workspace import Workspace
        from stages import paths
        from stages.rounds.guard import refuse_missing
        from stages.rounds.journal import Journal

        journal = Journal.of_repository()
        for event in journal.finish():
            row = f"row {event.row} by {event.by}"
            print(f"Completed an interrupted write: {row}.", file=sys.stderr)
        try:
            refuse_missing(journal)
        except UserError as error:
            print(f"Warning: {error}", file=sys.stderr)
        if not paths.QUERIES.is_file():
            print("No rows have been chosen yet: choosing the first ones.", file=sys.stderr)
            first_round.main(options)
        token = _token()
        session = Session(Workspace(), journal, token)
        session.check_name(options.name)
        next_round = [sys.executable, "-m", "commands.labels", "round"]
        app = create_app(
            session,
            token=token,
            name=options.name,
            training=Training(next_round) if options.train else None,
            local=not options.lan,
        )
        port = listener.getsockname()[1]
        address = f"http://{{}}:{port}/?token={token}&name={options.name}"
        _announce(address, options)
        web.run_app(app, sock=listener, print=None, access_log=None, shutdown_timeout=1)
    print("Closed. Every label that the page showed as saved is on disk.")


def _announce(address: str, options: argparse.Namespace) -> None:
    local = address.format("127.0.0.1")
    print(f"Page of {options.name}: {local}", flush=True)
    if options.lan:
        other = address.format(_own_address()).rpartition("&")[0]
        warning = f"Whoever has this address can label from any machine in this network: {other}"
        print(_RED.format(warning) if sys.stdout.isatty() else warning, flush=True)
    print("Ctrl-C closes it.", flush=True)
    if not options.no_browser and _has_screen():
        import webbrowser

        with suppress(webbrowser.Error):
            webbrowser.open(local)


def _has_screen() -> bool:
    """Whether a browser has a window, and would not take the terminal."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _listen(port: int, *, lan: bool) -> socket.socket:
    """Open the port; 0 is any free one."""
    listener = socket.socket()
    # Else the port of a server that was killed is taken for a minute.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("0.0.0.0" if lan else "127.0.0.1", port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise UserError(_why_not(port, error)) from None
    return listener


def _why_not(port: int, error: Exception) -> str:
    """Why a port cannot be opened: the page of somebody, or another program."""
    import errno
    from urllib.request import urlopen

    if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE:
        return f"--port must be one that can be opened ({error}); got {port}."
    address = f"http://127.0.0.1:{port}"
    try:
        with urlopen(f"{address}/api/about", timeout=1) as response:
            page = json.load(response)
        owner = f"{page['name']} (pid {page['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return f"Port {port} is taken by another program; --port chooses another."
    return (
        f"Port {port} is taken by the page of {owner}: {address}. It serves everyone: open the "
        "same address in that browser and choose another name; or start another page with --port."
    )


def _token() -> str:
    """Secret of this clone: the same after a restart, so that an open page can go on."""
    from stages import git

    path = Path(git.line("rev-parse", "--git-common-dir")) / "al-page-token"
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
    if token := path.read_text(encoding="ascii").strip():
        return token
    path.unlink()  # a process was killed while it wrote
    return _token()


def _own_address() -> str:
    """Address of this machine in its network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with suppress(OSError):
            probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
