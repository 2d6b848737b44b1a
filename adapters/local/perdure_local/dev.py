"""``perdure dev``: the service on a port, until somebody ends it."""

from __future__ import annotations

import os
import queue
import re
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from perdure.endpoints import parse_endpoint
from perdure.errors import ValidationError
from perdure.models.history import Event
from perdure.service.functions import FunctionConfig, read_function_configs
from perdure.service.service import Service
from perdure.signing import Credentials

from .clock import RealClock
from .embedded import AnyFunction, EmbeddedService, Listener
from .functions.environment import function_environment
from .functions.local_functions import LocalFunctions
from .functions.remote import RemoteFunction
from .garbage import collect_seldom
from .server.served import LOOPBACK, Served
from .stores.store_option import open_store
from .terminal.event_log import EventLog, JsonLog, PlainLog
from .terminal.output import prints_to_stderr, survive_any_text
from .terminal.progress import TERMINAL
from .terminal.refused import Refused

if TYPE_CHECKING:
    from perdure.service.signatures import SignatureCheck

_CHECK_SECONDS: Final = 0.5
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.~+-]{16,128}")

_Feed = queue.SimpleQueue[tuple[str, Event, bool]]
"""Of events: whose, which, and whether it is new or was recalled."""


@dataclass(frozen=True, slots=True, repr=False)
class DevRequest:
    """What the command line asks for; see the options of ``perdure dev``."""

    targets: tuple[str, ...]
    port: int
    host: str
    expose: bool
    token: str | None
    region: str
    lambda_endpoint: str | None
    functions: str | None
    store: str
    as_json: bool
    quiet: bool
    verify_signatures: bool = False
    access_key_id: str | None = None
    secret_access_key: str | None = None


def serve(request: DevRequest) -> int:
    """Serve until interrupted.

    Returns:
        0, the exit code of a server that was asked to end.

    Raises:
        Refused: it cannot serve what was asked for; the message is one line.
    """
    survive_any_text()
    host = LOOPBACK if request.host == "localhost" else request.host
    _check(request, host)
    # What functions print must not come between the lines of JSON.
    with prints_to_stderr() if request.as_json else nullcontext(sys.stdout) as out:
        return _serve(request, host, JsonLog(out) if request.as_json else PlainLog(out))


def _serve(request: DevRequest, host: str, log: EventLog) -> int:
    local = None if request.lambda_endpoint is not None else LocalFunctions(request.targets)
    functions, configs = _remote(request) if local is None else (local.functions, local.configs)
    feed: _Feed = queue.SimpleQueue()
    with ExitStack() as stack:
        store = open_store(request.store)
        if store is not None:
            stack.callback(store.close)
        service = Service(region=request.region, functions=configs, store=store)
        listener = None if request.quiet else _listener(service, feed)
        embedded = EmbeddedService(service, functions, RealClock(), listener)
        served = stack.enter_context(closing(_served(embedded, request, host)))
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGINT, _interrupt)
        try:
            if local is not None:
                _set_environment(served.url, request)
                # Before anything is served, for what is in the store may be due at once.
                local.load()
            with served:
                log.say("serving", served.url)
                log.say("functions", _names(configs))
                if store is not None:
                    log.say("store", request.store)
                collect_seldom()
                _watch(feed, log, local, served, embedded)
        except KeyboardInterrupt:
            log.say("ended", "interrupted")
            return 0
    raise Refused(str(embedded.failure or "the embedded service has stopped"))


def _listener(service: Service, feed: _Feed) -> Listener:
    """Puts events into the feed; before the first one of an execution, those of before."""
    known: set[str] = set()

    def tell(arn: str, event: Event) -> None:
        if arn not in known and event.event_id > 1:
            [before, *_] = service.events(arn, event.event_id - 2)
            # The last invocation may end after its execution; then nothing is to be recalled.
            if before.event_type not in TERMINAL:
                for past in service.events(arn)[: event.event_id - 1]:
                    feed.put((arn, past, False))
                known.add(arn)
        elif event.event_type not in TERMINAL:
            known.add(arn)
        if event.event_type in TERMINAL:
            known.discard(arn)
        feed.put((arn, event, True))

    return tell


def _check(request: DevRequest, host: str) -> None:
    if bool(request.targets) == (request.lambda_endpoint is not None):
        raise Refused("say what to serve: FILE[:NAME] …, or --lambda-endpoint with --functions")
    if (request.functions is None) != (request.lambda_endpoint is None):
        raise Refused("--lambda-endpoint and --functions go together")
    if not re.fullmatch(r"[a-z0-9-]+", request.region):
        raise Refused(f"{request.region!r} is no name of a region")
    if request.token is not None and not _TOKEN.fullmatch(request.token):
        raise Refused("a token has 16 to 128 letters, digits or any of _.~+-")
    if request.verify_signatures and request.token is not None:
        raise Refused("--token and --verify-signatures exclude each other")
    if host != LOOPBACK and not (request.expose and request.token):
        raise Refused(
            f"--host {request.host} serves other machines too: that needs --expose and --token"
        )


def _remote(
    request: DevRequest,
) -> tuple[Mapping[str, AnyFunction], Mapping[str, FunctionConfig]]:
    """The functions of a Lambda-shaped endpoint."""
    path = request.functions or ""
    try:
        endpoint = parse_endpoint(request.lambda_endpoint or "")
        configs = read_function_configs(Path(path).read_bytes())
    except OSError as error:
        raise Refused(f"cannot read the functions {path}: {error.strerror}") from None
    except ValidationError as error:
        raise Refused("; ".join(str(error).splitlines())) from None
    if not configs:
        raise Refused(f"{path} names no function")
    return {name: RemoteFunction(name, endpoint, request.region) for name in configs}, configs


def _served(embedded: EmbeddedService, request: DevRequest, host: str) -> Served:
    try:
        return Served(
            embedded,
            port=request.port,
            host=host,
            token=request.token,
            signatures=_signatures(request),
        )
    except OSError as error:
        # Python's own messages end with what it tried; the reason is enough.
        code = error.errno or 0
        reason = os.strerror(code) if code > 0 else error.strerror or str(error)
        raise Refused(f"cannot listen on {request.host}:{request.port}: {reason}") from None


def _signatures(request: DevRequest) -> SignatureCheck | None:
    if not request.verify_signatures:
        return None
    from perdure.service.signatures import SignatureCheck

    return SignatureCheck(_keys(request), request.region)


def _keys(request: DevRequest) -> Credentials:
    """What requests must be signed with."""
    if not request.access_key_id or not request.secret_access_key:
        raise Refused(
            "--verify-signatures needs the keys that requests must be signed with: "
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    # The session token of the environment belongs to the environment's own key.
    own = request.access_key_id == os.environ.get("AWS_ACCESS_KEY_ID")
    token = os.environ.get("AWS_SESSION_TOKEN") if own else None
    return Credentials(request.access_key_id, request.secret_access_key, token or None)


def _set_environment(url: str, request: DevRequest) -> None:
    names = (target.rpartition(":")[2] for target in request.targets)
    first = Path(next(names)).stem
    wanted = function_environment(os.environ, url=url, region=request.region, function_name=first)
    if request.verify_signatures:
        keys = _keys(request)
        wanted |= {
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": keys.token or "",
        }
    if request.token is not None:
        # The functions here must show it as everybody else.
        wanted |= {"AWS_ACCESS_KEY_ID": request.token, "AWS_SECRET_ACCESS_KEY": "local"}
    os.environ.update(wanted)


def _names(configs: Mapping[str, FunctionConfig]) -> str:
    return ", ".join(
        name if config.durable_config is not None else f"{name} (plain)"
        for name, config in sorted(configs.items())
    )


def _watch(
    feed: _Feed,
    log: EventLog,
    local: LocalFunctions | None,
    served: Served,
    embedded: EmbeddedService,
) -> None:
    """Tell of events, and load what changes, as long as the service lives."""
    looked = time.monotonic()
    while served.alive and embedded.failure is None:
        with suppress(queue.Empty):
            arn, event, new = feed.get(timeout=_CHECK_SECONDS)
            (log.receive_event if new else log.recall)(arn, event)
        if local is None or time.monotonic() - looked < _CHECK_SECONDS:
            continue
        looked = time.monotonic()
        if local.has_changed():
            try:
                local.load()
            except Refused as refused:
                log.say("not reloaded", str(refused))
            else:
                embedded.functions_changed()
                log.say("reloaded", _names(local.configs))


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
