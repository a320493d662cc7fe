"""The HTTP interface of the labelling page.

One server serves everyone who opens its address. Requests carry the token, in the header
``Authorization: Bearer TOKEN`` or in the cookie that ``GET /?token=TOKEN`` sets. Bodies and answers
are JSON; an error is ``{"error": "one line"}``.

``GET /api/desk?name=NAME[&row=ROW]``
    What NAME does next. ROW is what is on the screen already, and comes first if it is still open.

    =============  ==================================================================
    ``rows``       the next ten, to be decided from first to last, see below; none
                   while this server computes the next round
    ``classes``    ``name``, ``key`` and ``help`` of each class
    ``state``      ``start`` (no round yet), ``asking`` or ``answered``
    ``round``      number of the round
    ``progress``   rows of the round: ``done``, ``total``, and ``left`` for NAME
    ``holdout``    rows of the hold-out: ``done``, ``total``
    ``late``       events that the last round has not read; null if there was none
    ``recent``     the last ten decisions of NAME: ``id``, ``row``, ``decision``, ``label``
    ``training``   null, or ``running``, ``failed`` and ``output`` of the next round
    ``now``        time of the server
    ``problems``   files that cannot be read
    =============  ==================================================================

    A row has ``row`` (its id), ``values`` (pairs of column and text), ``image`` (whether there is
    one), ``guess`` (``label`` and ``p``, or null), ``earlier`` (a label that counts no more),
    ``notes``, ``why``, and ``ticket``.
``POST /api/events``
    Takes a decision and answers ``{"saved": ID, "next": [ROW, ...]}`` when it is on disk twice: the
    rows that come next are no longer those that somebody else has begun or decided meanwhile. Sent
    again with the same id, it is saved once::

        {"id": UUID, "time": "2026-01-31T12:00:00.000Z", "seconds": 1.5,
         "decision": "label", "label": "spam",
         "ticket": the row's ticket, "classes": names of the classes that were on offer}

    ``decision`` is ``label``, ``skip``, ``unsure``, ``retract`` or ``note``. ``instead_of`` is the
    id of the event that is replaced, ``shown`` whether the guess was, ``text`` a note. Status 422:
    the event is invalid; 507: it could not be written and should be sent again.
``GET /api/row?name=NAME&row=ROW``
    A row that NAME has decided, as above and with ``decided``: ``id``, ``decision``, ``label``.
``GET /api/image?row=ROW``
    The image of a row.
``POST /api/round``
    Starts the next round, if the server was started with training; see ``training`` above.
``GET /api/people``
    ``annotators``: the names in rounds/params.yaml.
``GET /api/about``
    ``name`` and ``pid`` of the server, without a token, for requests of the same machine.
"""

import asyncio
import hmac
import ipaddress
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from active_learning.core.errors import ArtifactError, UserError
from commands.labels.session import IMAGE_TYPES, RefusedError, Session

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATIC = Path(__file__).parent / "static"
LARGEST_BODY = 64 * 1024
_COOKIE = "al_page"
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_OUTPUT = 4000  # characters of a failed round that the page shows
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


class Training:
    """The next round, computed by a process of its own."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._state: dict[str, Any] = {"running": False, "failed": False, "output": ""}

    @property
    def state(self) -> dict[str, Any]:
        """``running``, ``failed`` and, if it has failed, ``output``."""
        return self._state

    def start(self) -> None:
        """Start it, unless it is running."""
        if not self._state["running"]:
            self._state = {"running": True, "failed": False, "output": ""}
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop it as Ctrl-C would."""
        if self._process and self._process.returncode is None:
            self._process.terminate()
        if self._task:
            await self._task

    async def _run(self) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            content, _ = await self._process.communicate()
            failed, output = bool(self._process.returncode), content.decode(errors="replace")
        except OSError as error:
            failed, output = True, str(error)
        self._state = {
            "running": False, "failed": failed, "output": output[-_OUTPUT:] if failed else "",
        }  # fmt: skip


class _Handlers:
    """Answers to the requests, see the top of the module; parameters as of ``create_app``."""

    def __init__(self, session: Session, token: str, name: str, training: Training | None) -> None:
        self._session = session
        self._token = token
        self._name = name
        self._training = training
        self._lock = asyncio.Lock()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Say which request gets which answer."""
        router.add_get("/", self.page)
        for file in ("page.js", "page.css", "icon.svg"):
            router.add_get(f"/{file}", self.static)
        router.add_get("/api/about", self.about)
        router.add_get("/api/desk", self.desk)
        router.add_get("/api/image", self.image)
        router.add_get("/api/people", self.people)
        router.add_get("/api/row", self.row)
        router.add_post("/api/events", self.events)
        router.add_post("/api/round", self.round)

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a method of the session, which is of one thread at a time."""
        async with self._lock:
            return await asyncio.to_thread(function, *arguments)

    async def page(self, request: web.Request) -> web.StreamResponse:
        if "token" in request.query:
            return _sign_in(request, self._token, self._name)
        return _static("page.html")

    async def static(self, request: web.Request) -> web.Response:
        return _static(request.path.lstrip("/"))

    async def desk(self, request: web.Request) -> web.Response:
        query = request.query
        state = await self._run(self._session.desk, query.get("name", ""), query.get("row"))
        training = self._training and self._training.state
        if training and training["running"]:
            # A label given now would start the round anew: what is on the screen is the last one.
            state["rows"] = []
        return web.json_response(state | {"training": training})

    async def row(self, request: web.Request) -> web.Response:
        query = request.query
        decided_row = self._session.decided_row
        row = await self._run(decided_row, query.get("name", ""), query.get("row", ""))
        return web.json_response(row)

    async def events(self, request: web.Request) -> web.Response:
        return web.json_response(await self._run(self._session.take, await request.read()))

    async def image(self, request: web.Request) -> web.StreamResponse:
        path = await self._run(self._session.image, request.query.get("row", ""))
        if path is None:
            raise web.HTTPNotFound(text="no such image")
        kind = IMAGE_TYPES[path.suffix.lower()]
        return web.FileResponse(path, headers={"Content-Type": kind})

    async def round(self, _: web.Request) -> web.Response:
        if self._training is None:
            raise RefusedError(
                "the page was started without training; `make round` is the next round."
            )
        self._training.start()
        return web.json_response(self._training.state, status=202)

    async def people(self, _: web.Request) -> web.Response:
        return web.json_response({"annotators": self._session.workspace.params.annotators})

    async def about(self, request: web.Request) -> web.Response:
        if not _is_loopback(request.remote or ""):
            raise web.HTTPForbidden(text="only for this machine")
        return web.json_response({"page": "labels", "name": self._name, "pid": os.getpid()})


def create_app(
    session: Session, *, token: str, name: str, training: Training | None, local: bool
) -> web.Application:
    """The server of the labelling page.

    Parameters
    ----------
    session : Session
    token : str
        What requests must carry.
    name : str
        Annotator whose page is opened.
    training : Training or None
        The next round; ``None``: the page cannot start it.
    local : bool
        Whether only this machine may connect.
    """
    app = web.Application(
        client_max_size=LARGEST_BODY, middlewares=[_answer_errors, _guard(token, local=local)]
    )
    _Handlers(session, token, name, training).add_routes(app.router)

    async def stop(_: web.Application) -> None:
        if training:
            await training.stop()

    app.on_cleanup.append(stop)
    return app


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors with one line of JSON, and all requests with the headers."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = _error(error.status, error.text or error.reason)
    except RefusedError as error:
        response = _error(422, str(error))
    except ArtifactError as error:
        response = _error(507, str(error))
    except UserError as error:
        response = _error(503, str(error))
    except Exception:
        logging.getLogger(__name__).exception("%s failed", request.path)
        response = _error(500, "the server failed; its terminal says why.")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _guard(token: str, *, local: bool) -> Any:
    """Refuse what does not come from the page itself, or from a person with the token."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        # Another site can point a name of its own at this address, but not choose the Host.
        if not _is_known_host(request.host, local=local):
            raise web.HTTPForbidden(text="this server is not known by that name")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="requests from other sites are refused")
        if request.path.startswith("/api/") and request.path != "/api/about":
            by_header = _is_token(request.headers.get("Authorization", ""), f"Bearer {token}")
            if not by_header and not _is_token(request.cookies.get(_cookie(request), ""), token):
                raise web.HTTPForbidden(
                    text="this browser is not signed in; open the address in the terminal again"
                )
            if request.method == "POST" and not by_header and origin is None:
                raise web.HTTPForbidden(text="requests from other sites are refused")
            if request.method == "POST" and request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType(text="the body must be application/json")
        return await handler(request)

    return guard


def _sign_in(request: web.Request, token: str, name: str) -> web.Response:
    """Move the token from the address, which is in the history, to a cookie."""
    if not _is_token(request.query["token"], token):
        raise web.HTTPForbidden(text="the token is another; open the address in the terminal")
    query = urlencode({"name": request.query.get("name", name)})
    response = web.Response(status=303, headers={"Location": f"/?{query}"})
    response.set_cookie(_cookie(request), token, httponly=True, samesite="Strict", path="/")
    return response


def _cookie(request: web.Request) -> str:
    """Name of the cookie; browsers share cookies between the ports of a machine."""
    return f"{_COOKIE}_{urlsplit(f'//{request.host}').port or 80}"


def _is_token(value: str, token: str) -> bool:
    return hmac.compare_digest(value.encode(), token.encode())


def _is_known_host(host: str, *, local: bool) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or _is_loopback(name):
        return True
    return not local and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _static(name: str) -> web.Response:
    path = STATIC / name
    return web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8")


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
