"""Start ``python -m stages.x`` and ``dvc`` as forks of processes that have imported what they need.

Importing numpy, scikit-learn or DVC takes most of the time of a small run. A program of the same
name, first on PATH, asks a resident process for a fork that has its arguments, environment, working
directory and streams. The project's own code is never imported beforehand: each clone has its own.
What must start afresh sets AL_TEST_FRESH, or another variable that is read when a process starts.
"""

import gc
import importlib
import inspect
import marshal
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

BIN = Path(sys.executable).parent
# What forks import beforehand, each with all that it imports.
MODULES = {
    "python": """
        joblib.externals.loky joblib.parallel matplotlib.backends.backend_agg
        matplotlib.backends.backend_svg matplotlib.figure numpy pandas pandas.io.formats.csvs
        PIL.BmpImagePlugin PIL.GifImagePlugin PIL.JpegImagePlugin PIL.PpmImagePlugin pyarrow.dataset
        pyarrow.parquet pydantic.fields pydantic.functional_serializers
        pydantic.functional_validators pydantic.main pydantic.networks pydantic.types ruamel.yaml
        scipy.stats sklearn.compose sklearn.datasets sklearn.decomposition
        sklearn.discriminant_analysis sklearn.linear_model sklearn.metrics sklearn.model_selection
        sklearn.naive_bayes sklearn.neighbors sklearn.pipeline sklearn.svm sklearn.tree skops.io
        tqdm
        """,
    "dvc": """
        celery.app.amqp celery.app.control celery.backends.filesystem celery.worker.worker
        dulwich.ignore dulwich.porcelain dvc.api dvc.cli.parser dvc.dirs dvc.render.convert
        dvc.repo.artifacts dvc.repo.brancher dvc.repo.datasets dvc.repo.experiments.executor.local
        dvc.repo.experiments.queue.celery dvc.repo.experiments.queue.tasks
        dvc.repo.experiments.queue.tempdir dvc.repo.experiments.queue.workspace
        dvc.repo.experiments.run dvc.repo.experiments.show dvc.repo.graph dvc.repo.index
        dvc.repo.open_repo dvc.repo.plots dvc.repo.reproduce dvc.repo.stage dvc.stage.run
        dvc.ui.table dvc.utils.hydra dvc.utils.strictyaml dvc_data.hashfile.db.local
        dvc_data.index.checkout dvc_task.app.filesystem dvc_task.proc.manager
        fsspec.implementations.memory kombu.transport.filesystem networkx platformdirs pyparsing
        rich.console ruamel.yaml scmrepo.fs scmrepo.git.backend.pygit2.filter
        """,
}

PERSON = {"NAME": "Test", "EMAIL": "test@localhost"}

# A program that asks for a fork and ends as the fork does; or becomes the real one.
CLIENT = """#!{bin}/python -ISE
import os, sys

def fresh():
    env = dict(os.environ)
    decided = {{name: env[name] for name in env if name.startswith({prefixes})}}
    command = " ".join(sys.argv[1:3])
    known = {name!r} == "dvc" or command.startswith(("-m stages.", "-m commands.", "-m dvc "))
    return not known or decided != {decided} or any(map(os.isatty, range(3)))

def forked():
    import _signal, _socket, marshal
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    server.connect({address!r})
    request = marshal.dumps((sys.argv[1:], os.getcwd(), os.environb._data))
    descriptors = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)]
    server.sendmsg([len(request).to_bytes(4, "big")], rights)
    server.sendall(request)
    for number in (_signal.SIGHUP, _signal.SIGINT, _signal.SIGTERM):
        if _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, lambda number, _: server.sendall(bytes([number])))
    answer = server.recv(4, _socket.MSG_WAITALL)
    status = os.waitstatus_to_exitcode(int.from_bytes(answer, "big"))
    if status < 0:
        _signal.signal(-status, _signal.SIG_DFL) if -status != _signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    os._exit(status)

if fresh():
    os.execv("{bin}/{name}", ["{bin}/{name}", *sys.argv[1:]])
if sys.argv[1:3] == ["-m", "dvc"]:
    os.execv({dvc!r}, [{dvc!r}, *sys.argv[3:]])
forked()
"""
# Variables that decide how an interpreter, a locale or BLAS starts.
PREFIXES = ("AL_TEST_FRESH", "LANG", "LC_", "OMP_", "OPENBLAS_", "PYTHON")


def serve(listener: socket.socket, imported: Mapping[bytes, bytes]) -> list[str]:
    """Answer requests until stdin ends; returns in each fork, with its arguments.

    A fork also gets the variables that libraries set when they are imported.
    """
    both: list[socket.socket | int] = [listener, 0]
    while 0 not in select.select(both, [], [])[0]:
        connection, _ = listener.accept()
        if os.fork():
            connection.close()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            continue
        listener.close()
        length, streams, *_ = socket.recv_fds(connection, 4, 3)
        size = int.from_bytes(length, "big")
        arguments: list[str]
        arguments, folder, env = marshal.loads(connection.recv(size, socket.MSG_WAITALL))
        child = os.fork()
        if child:
            supervise(connection, child)
        connection.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(folder)
        os.environb.clear()
        os.environb.update(imported | env)
        return arguments
    sys.exit()


def supervise(connection: socket.socket, child: int) -> NoReturn:
    """Pass on signals to a child, and its status; it ends with whoever asked for it."""
    ends = os.pidfd_open(child)
    both: list[socket.socket | int] = [ends, connection]
    while ends not in select.select(both, [], [])[0]:
        number = connection.recv(1) or bytes([signal.SIGKILL])
        os.kill(child, number[0])
        if number[0] == signal.SIGKILL:
            break
    status = os.waitpid(child, 0)[1]
    with suppress(OSError):
        connection.sendall(status.to_bytes(4, "big"))
    os._exit(0)


def main(name: str, descriptor: str) -> None:
    """Import, serve, and run in each fork what was asked for."""
    path, before = sys.path[1:], dict(os.environb)
    for module in MODULES[name].split():
        importlib.import_module(module)
    inspect.getmodule(compile("0", "<none>", "eval"))  # maps all files to modules, for pydantic
    gc.collect()
    gc.freeze()
    imported = dict(os.environb.items() - before.items())
    sys.executable = str(Path.cwd() / "python")  # so that what a fork starts is a fork, too
    arguments = serve(socket.socket(fileno=int(descriptor)), imported)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # as if it were just imported
    sys.modules["__main__"] = types.ModuleType("__main__")
    if name == "python":
        _, module, *rest = arguments
        sys.path = [str(Path.cwd()), *path]
        sys.argv, sys.orig_argv = ["-m", *rest], [str(BIN / name), *arguments]
        runpy._run_module_as_main(module)  # type: ignore[attr-defined]
    else:
        script = str(BIN / name)
        sys.path = [str(BIN), *path]
        sys.argv, sys.orig_argv = [script, *arguments], [str(BIN / "python"), script, *arguments]
        runpy.run_path(script, run_name="__main__")


def environment(home: Path) -> dict[str, str]:
    """Environment of a fresh machine: this Python first, and no settings of this machine's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AL_", "DVC_", "GIT_", "MAKE", "PYTEST_", "PYTHON"))
    }
    people = {
        f"GIT_{role}_{key}": PERSON[key] for role in ("AUTHOR", "COMMITTER") for key in PERSON
    }
    return kept | people | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "site-cache"),
        "DVC_SYSTEM_CONFIG_DIR": str(home / "system-config"),
        "DVC_GLOBAL_CONFIG_DIR": str(home / "global-config"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "COLUMNS": "120",
    }  # fmt: skip


@contextmanager
def preimported(folder: Path, env: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Write the two programs to a folder, and let them answer in here; gives the environment.

    Where a process cannot be waited for together with a socket, all start afresh.
    """
    if not hasattr(os, "pidfd_open"):
        yield dict(env)
        return
    folder.mkdir()
    decided = {name: env[name] for name in env if name.startswith(PREFIXES)}
    servers = []
    for name in MODULES:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address := str(folder / f"{name}.socket"))
            listener.listen(64)
            descriptor = listener.fileno()
            servers.append(
                subprocess.Popen(
                    [sys.executable, __file__, name, str(descriptor)],
                    env=env, cwd=folder, start_new_session=True, pass_fds=[descriptor],
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )
            )  # fmt: skip
        program = folder / name
        program.write_text(
            CLIENT.format(
                bin=BIN,
                name=name,
                prefixes=PREFIXES,
                decided=decided,
                address=address,
                dvc=str(folder / "dvc"),
            ),
            encoding="utf-8",
        )
        program.chmod(0o755)
    try:
        yield dict(env) | {"PATH": os.pathsep.join([str(folder), env["PATH"]])}
    finally:
        for server in servers:
            server.communicate(timeout=60)  # closes its stdin, which ends it


if __name__ == "__main__":
    main(*sys.argv[1:])
