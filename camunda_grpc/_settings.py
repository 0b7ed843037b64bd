"""What channels are made of, sync or asyncio: where to, with which options, and what each call carries."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from camunda_core._arguments import header, instance, is_sendable, items, shown
from camunda_core._engines import DEFAULT, chosen
from camunda_core._environment import SHORTEST_KEEPALIVE
from camunda_core._handshakes import EXAMINATION
from camunda_core._provided import credentials_of
from camunda_core._several import Addresses, Ring, Visits, grpc_targets, listed
from camunda_core.credentials import (
    AnyCredentials,
    Basic,
    Bearer,
    Credentials,
    NoCredentials,
    warn_of_plaintext,
)
from camunda_core.deadline import Deadline, Duration, limit_of, seconds
from camunda_core.errors import CamundaError, ConfigurationError, InvalidRequest, Unavailable
from camunda_core.retry import NO_RETRY, Attempts, RetryPolicy
from camunda_core.version import USER_AGENT
from camunda_grpc._errors import as_rpc_error
from camunda_grpc._fast import lacks
from camunda_grpc._handshakes import never_connects, refuses_us, speaks_tls, suspect
from camunda_grpc._names import grpc
from camunda_grpc._outbound import PROXY_OPTIONS, proxy_options, trust
from camunda_grpc._rpcs import Rpc, deadline_for

if TYPE_CHECKING:
    from camunda_core._observed import ObservedCall, Watch
    from camunda_core._tunnel import Tunnel
    from camunda_core.tls import Tls

__all__ = [
    "MAX_MESSAGE_SIZE",
    "MAX_METADATA_SIZE",
    "Asked",
    "CallPolicy",
    "Endpoint",
    "Invocation",
    "check_call_options",
    "connect",
    "examiner",
    "settle",
    "weak",
]

Option: TypeAlias = tuple[str, Any]
MetadataPairs: TypeAlias = tuple[tuple[str, "str | bytes"], ...]

#: Bytes. Above the gateway's own 4 MB, so that an answer a gateway was configured to give can also
#: be read: jobs in an answer that cannot are lost to everybody until their timeout.
MAX_MESSAGE_SIZE = 16 * 1024 * 1024

#: Bytes of the headers of an answer, in which a status travels with its text: a refused deployment
#: names every mistake of the model. grpcio's own limits are 8 KiB, beyond which it may, and 16 KiB,
#: beyond which it must throw the answer away.
MAX_METADATA_SIZE = 1024 * 1024

_METADATA_LIMITS = ("grpc.max_metadata_size", "grpc.absolute_max_metadata_size")
_KEEPALIVE = "grpc.keepalive_time_ms"
_OFF = 2**31 - 1

# A gateway that comes back is found within 2 s. Left alone, grpcio waits up to two minutes between attempts.
_RECONNECT: tuple[Option, ...] = (
    ("grpc.initial_reconnect_backoff_ms", 250),
    # A name may mean another machine by now: after a failure it is asked again, in this many
    # milliseconds at most. (By itself grpcio asks once in 30 s.)
    ("grpc.dns_min_time_between_resolutions_ms", 2000),
    # Despite its name the time that one attempt may take: a gateway that is busy, or far away,
    # needs more than a moment.
    ("grpc.min_reconnect_backoff_ms", 5000),
    ("grpc.max_reconnect_backoff_ms", 2000),
)

_OWN_POOL = "grpc.use_local_subchannel_pool"

# For a channel that does nothing but streaming jobs. grpcio grows its receive window as fast as the
# network lets it, so that thousands of jobs, each burning its timeout, would wait in the channel of
# a slow reader. A fixed small window hands the reader's pace on to the gateway, which then gives
# jobs to somebody else. Such a window must not be shared with other channels to the same address,
# which grpcio would do. Whatever a dead connection held is locked until its lock ends.
STREAM_WINDOW = 4096
_STREAM: tuple[Option, ...] = (
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", STREAM_WINDOW),
    (_OWN_POOL, 1),
)


class Endpoint(NamedTuple):
    """Where to connect to, and how. ``stream_options`` are for the channel of the job streams."""

    target: str
    #: With the fast engine what is in ``tls``.
    credentials: Any
    options: tuple[Option, ...]
    stream_options: tuple[Option, ...]
    tls: Tls | None = None
    #: Whether the fast engine carries it.
    fast: bool = False
    #: What leads to a proxy that grpcio does not know, which has to be held as long as the endpoint is used.
    tunnel: Tunnel | None = None

    def renewed(self) -> Endpoint:
        """The same with the certificates that are in their files now; this one when no file was replaced."""
        current = None if self.tls is None else self.tls.current()
        if current is self.tls:
            return self
        return self._replace(
            tls=current,
            credentials=current if self.fast else grpc.ssl_channel_credentials(**trust(current)),
        )

    def without_retries(self) -> Endpoint:
        """The same for a caller that repeats for itself: grpcio's own machinery for that costs a
        tenth of a short call.
        """
        return self._replace(
            options=tuple({**_NO_RETRIES, **dict(self.options)}.items()),
            stream_options=tuple({**_NO_RETRIES, **dict(self.stream_options)}.items()),
        )

    def apart(self) -> Endpoint:
        """The same over connections that are shared with no other channel: grpcio keeps one for all
        that have the same options.
        """
        return self._replace(options=tuple({**dict(self.options), _OWN_POOL: 1}.items()))


_LOCAL_SCHEMES = frozenset({"unix", "unix-abstract", "vsock"})
_RESOLVED_SCHEMES = frozenset({"dns", "ipv4", "ipv6", "xds"})

#: Seconds between the attempts of a call that waits until one of several gateways is ready.
_PATIENCE = 0.5

_NO_RETRIES = {"grpc.enable_retries": 0}


def connect(
    address: Addresses,
    *,
    tls: Tls | None,
    options: Iterable[Option],
    keepalive: Duration | None,
    max_message_size: int,
    authority: str | None,
    user_agent: str | None,
    engine: str = DEFAULT,
    interceptors: object = (),
    proxy: str | None = None,
) -> tuple[Endpoint, ...]:
    """The endpoints that these arguments (those of ``camunda_grpc.channel``) ask for: one of each address.

    Raises ConfigurationError naming the argument that cannot work.
    """
    targets = grpc_targets(address)
    secure = targets[0][1]
    if tls is not None and not hasattr(tls, "for_grpc"):
        raise ConfigurationError(f"tls must be a camunda_core.tls.Tls, not {type(tls).__name__}")
    plain = (each for each in listed(address, "grpc_address") if each.lower().startswith(("http:", "grpc:")))
    if tls is not None and (first := next(plain, None)) is not None:
        raise ConfigurationError(
            f"grpc_address: {first} asks for plaintext, but tls is given: write https:// or leave tls out"
        )
    ours: dict[str, Any] = {
        _KEEPALIVE: _keepalive_ms(keepalive),
        "grpc.keepalive_timeout_ms": 20_000,
        # The gateway ends connections that ping without a call, and a stream on which nothing
        # happens for hours must be pinged for ever, or a dead connection would never be noticed.
        "grpc.keepalive_permit_without_calls": 0,
        "grpc.http2.max_pings_without_data": 0,
        "grpc.max_receive_message_length": _size(max_message_size),
        "grpc.primary_user_agent": USER_AGENT if user_agent is None else header(user_agent, "user_agent"),
        **dict(_RECONNECT),
    }
    if tls is not None and tls.server_name is not None:
        ours["grpc.ssl_target_name_override"] = tls.server_name
        ours["grpc.default_authority"] = tls.server_name
    if authority is not None:
        ours["grpc.default_authority"] = header(authority, "authority")
    theirs = _checked(options)
    if not any(name in theirs for name in _METADATA_LIMITS):  # grpcio derives one of them from the other
        ours.update(dict.fromkeys(_METADATA_LIMITS, MAX_METADATA_SIZE))
    lacking = next((what for target, _ in targets if (what := lacks(target, theirs, interceptors))), None)
    fast = engine != DEFAULT and chosen(engine, lacking)
    identity: Any = None
    if secure or tls is not None:
        material = trust(tls)  # so that what cannot be read is refused now, whoever uses it
        identity = tls or True if fast else grpc.ssl_channel_credentials(**material)
    found = []
    for target, _ in targets:
        mine = dict(ours)
        tunnel = None
        if not any(name in theirs for name in PROXY_OPTIONS):
            mine.update(proxy_options(target, identity is not None, proxy))
            through = str(mine.get("grpc.http_proxy", ""))
            if not fast and not through.lower().startswith("http://") and through:
                from camunda_core._tunnel import Tunnel

                tunnel = Tunnel.through(through, tls)
                mine["grpc.http_proxy"] = tunnel.url
        options = tuple({**mine, **theirs}.items())
        stream_options = tuple({**mine, **dict(_STREAM), **theirs}.items())
        found.append(Endpoint(target, identity, options, stream_options, tls, fast, tunnel))
    return tuple(found)


def settle(policy: CallPolicy, endpoints: Sequence[Endpoint]) -> None:
    """Tells the log when that over what calls go out lets others read who is calling."""
    for endpoint in endpoints:
        _warn(policy, endpoint)


def examiner(endpoint: Endpoint) -> Callable[[str, float], str | None]:
    """What asks a peer there that hung up, in so many seconds, for the reason that gRPC's core does not tell."""
    if endpoint.tunnel is not None:
        return endpoint.tunnel.reason
    if endpoint.credentials is None:
        return speaks_tls
    host = endpoint.target.rpartition("/")[2].rpartition(":")[0].strip("[]")
    name = dict(endpoint.options).get("grpc.ssl_target_name_override", host)
    return partial(refuses_us, endpoint.tls, str(name))


def _warn(policy: CallPolicy, endpoint: Endpoint) -> None:
    plaintext = endpoint.credentials is None
    scheme, _, rest = endpoint.target.partition(":")
    if plaintext and scheme not in _LOCAL_SCHEMES:
        host = (
            rest.rpartition("/")[2] if scheme in _RESOLVED_SCHEMES and not rest.isdigit() else endpoint.target
        )
        warn_of_plaintext(policy.credentials, f"http://{host}")


def _keepalive_ms(keepalive: Duration | None) -> int:
    if keepalive is None:
        return _OFF
    try:
        interval = seconds(keepalive, "keepalive")
    except InvalidRequest as error:
        raise ConfigurationError(error.message) from None
    if interval < SHORTEST_KEEPALIVE:
        raise ConfigurationError(_too_fast("keepalive", f"{interval:g} s"))
    return round(min(interval * 1000, _OFF))


def _too_fast(name: str, value: str) -> str:
    return (
        f"{name}: the gateway ends connections that are pinged more often than every "
        f"{SHORTEST_KEEPALIVE:g} s (GOAWAY, too_many_pings), and {value} is more often; leave it at 45 s, "
        "or switch it off with keepalive=None"
    )


def _size(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not (value == -1 or 1 <= value < 2**31):
        raise ConfigurationError(
            f"max_message_size must be a number of bytes, or -1 for no limit, not {shown(value)}"
        )
    return value


def _checked(options: Iterable[Option]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for option in items(options, "options", "pairs of a name and a value", _is_option):
        found[option[0]] = option[1]
    interval = found.get(_KEEPALIVE)
    if isinstance(interval, int) and interval < SHORTEST_KEEPALIVE * 1000:
        raise ConfigurationError(_too_fast(f"options: {_KEEPALIVE}", f"{interval} ms"))
    return found


def check_call_options(compression: Any, interceptors: Any, kinds: tuple[type, ...]) -> None:
    """ConfigurationError for a compression, or a list of interceptors, that grpcio would not take."""
    if compression is not None:
        instance(grpc.Compression, compression, "compression", "a grpc.Compression")
    what = f"client interceptors of {'grpc' if len(kinds) > 1 else 'grpc.aio'}"
    items(interceptors, "interceptors", what, lambda each: isinstance(each, kinds))


def _is_option(option: Any) -> bool:
    return (
        isinstance(option, Sequence)
        and len(option) == 2
        and isinstance(option[0], str)
        and option[0].isascii()
        and _is_value(option[1])
    )


def _is_value(value: Any) -> bool:
    if isinstance(value, int):
        return -(2**31) <= value < 2**31
    if isinstance(value, str):
        return is_sendable(value)
    return isinstance(value, bytes) or hasattr(value, "__int__")


def _never() -> bool:
    return False


def weak(method: Callable[[], bool]) -> Callable[[], bool]:
    """A bound method that does not keep its object alive; False once that has gone."""
    reference = weakref.WeakMethod(method)

    def call() -> bool:
        found = reference()
        return found is not None and found()

    return call


class CallPolicy:
    """What every call of a channel shares: who is calling, for how long, how often.

    ``fixed``    metadata that never change, or None when the credentials must be asked before each attempt
    ``repeats``  False for calls that send a stream, which cannot be sent again
    """

    credentials: Credentials | None
    retry: RetryPolicy
    timeout: float | None

    def __init__(
        self,
        *,
        credentials: AnyCredentials | None,
        retry: RetryPolicy,
        timeout: Duration | None,
        physical_tenant: str | None,
    ) -> None:
        identity = None if credentials is None else credentials_of(credentials)
        if not isinstance(retry, RetryPolicy):
            raise ConfigurationError(f"retry must be a RetryPolicy, not {type(retry).__name__}")
        self.timeout = limit_of(timeout)
        if physical_tenant is not None:
            header(physical_tenant, "physical_tenant")
        self.credentials = identity
        self.retry = retry
        self.repeats = True
        #: Who is told of each attempt, if anybody.
        self.watch: Watch | None = None
        #: Asks a peer that hung up, in so many seconds, for the reason that gRPC's core does not tell.
        self.examine: Callable[[str, float], str | None] | None = None
        #: Whether the channel goes on with other certificates than the last attempt had.
        self.renewed: Callable[[], bool] = _never
        #: Which of several gateways calls go to; None where there is one.
        self.ring: Ring | None = None
        #: Has the channel go where that is, after a failure.
        self.follow: Callable[[], bool] = _never
        #: What a call carries whose caller authenticates it himself.
        self.bare: MetadataPairs = (("camunda-physical-tenant", physical_tenant),) if physical_tenant else ()
        self.fixed: MetadataPairs | None = None
        if identity is None or type(identity) is NoCredentials:
            self.fixed = self.bare
        elif type(identity) is Basic or (type(identity) is Bearer and not identity.rejected({})):
            self.fixed = self.pairs(identity.headers())

    def pairs(self, headers: Mapping[str, str]) -> MetadataPairs:
        """Credentials' headers and what else every call carries, as metadata."""
        return self.bare + tuple((name.lower(), value) for name, value in headers.items())

    def of(
        self, endpoint: Endpoint, ring: Ring, renewed: Callable[[], bool], follow: Callable[[], bool]
    ) -> CallPolicy:
        """The same for a channel that begins with this endpoint, and can be ``renewed``."""
        made = copy.copy(self)
        made.renewed = renewed
        made.examine = examiner(endpoint)
        made.ring, made.follow = (ring, follow) if len(ring.names) > 1 else (None, _never)
        return made

    @property
    def plain(self) -> bool:
        """Whether calls need no thought: the same metadata for each, sent to the same gateway, and
        nobody watches.
        """
        return self.fixed is not None and self.watch is None and self.ring is None

    def once(self) -> CallPolicy:
        """The same for calls that are made once only."""
        made = copy.copy(self)
        made.repeats = False
        return made

    def repeating(self, retry: RetryPolicy | None) -> CallPolicy:
        """The same for a call with a policy of its own; None is the channel's."""
        if retry is None:
            return self
        made = copy.copy(self)
        made.retry = retry
        return made

    def without_retries(self) -> CallPolicy:
        """The same for a caller that repeats for itself: a rejected token is renewed all the same."""
        return self.repeating(NO_RETRY)


#: The arguments of an Invocation, but for ``elapsed``.
Asked: TypeAlias = tuple[
    CallPolicy,
    Rpc,
    Any,
    "float | None",
    Any,
    "grpc.CallCredentials | None",
    "bool | None",
    "grpc.Compression | None",
]


class Invocation:
    """One call, whatever its shape: what is to be sent, until when, and how it goes on after a failure.

    ``elapsed`` seconds of its time have gone by already.
    """

    __slots__ = (
        "_advised",
        "_course",
        "_metadata",
        "_patient",
        "_renewed",
        "_suspected",
        "_visits",
        "compression",
        "credentials",
        "deadline",
        "failures",
        "headers",
        "policy",
        "request",
        "rpc",
        "wait_for_ready",
        "watched",
    )

    def __init__(
        self,
        policy: CallPolicy,
        rpc: Rpc,
        request: Any,
        timeout: float | None,
        metadata: Any,
        credentials: grpc.CallCredentials | None,
        wait_for_ready: bool | None,
        compression: grpc.Compression | None,
        elapsed: float = 0.0,
    ) -> None:
        self.policy = policy
        self.rpc = rpc
        self.request = request
        limit = deadline_for(rpc, request, policy.timeout) if timeout is None else timeout
        self.deadline = Deadline(None if limit is None else limit - elapsed)
        self._metadata = metadata
        self.credentials = credentials
        #: With several gateways grpcio would wait for one of them, and the next one might be ready.
        self._patient = bool(wait_for_ready) and policy.ring is not None
        self.wait_for_ready = None if self._patient else wait_for_ready
        self.compression = compression
        #: The credentials' own headers for the last attempt; None when it carried none of them.
        self.headers: Mapping[str, str] | None = None
        #: How many attempts have failed.
        self.failures = 0
        self._course: Attempts | None = None
        self._renewed = False
        self._suspected = False
        #: The peer that was asked why it hung up, and what came of it.
        self._advised: tuple[str, str | None] = "", None
        self._visits = None if policy.ring is None else Visits(policy.ring)
        self.watched: ObservedCall | None = None
        if policy.watch is not None:
            self.watched = policy.watch.call(rpc.name, rpc.full_name)

    @property
    def fixed(self) -> bool:
        """True when an attempt's metadata are known without asking the credentials.

        A caller who gives call credentials authenticates the call himself: ours stay out of it.
        """
        return self.policy.fixed is not None or self.credentials is not None

    def metadata(self, headers: Mapping[str, str] | None = None) -> Any:
        """The metadata of the next attempt, which begins with that; ``headers`` are the credentials'
        own unless ``fixed``.
        """
        at = 0
        if self._visits is not None:
            self.policy.follow()
            at = self._visits.begin()
        made = self._metadata_with(headers)
        if self.watched is None:
            return made
        added, pairs = self.watched.begin(at), tuple(made or ())
        given = {key.lower() for key, _ in pairs}
        return (*pairs, *(pair for pair in added.items() if pair[0] not in given)) or None

    def told(self, error: BaseException | None = None) -> None:
        """Says that the attempt under way is over, to those who watch."""
        if isinstance(error, CamundaError):
            self._elsewhere(error)
        if self.watched is not None:
            self.watched.end(error)

    def _elsewhere(self, failure: CamundaError) -> bool:
        """Whether to go on at once, with another gateway."""
        if self._visits is None:
            return False
        at_once = self._visits.failed(failure)
        self.policy.follow()
        return at_once and self.policy.repeats

    def _metadata_with(self, headers: Mapping[str, str] | None) -> Any:
        policy = self.policy
        if self.credentials is not None:
            own = policy.bare
        elif policy.fixed is not None:
            own = policy.fixed
        else:
            own = policy.pairs(headers or {})
        if not own:
            return self._metadata
        callers = tuple(self._metadata or ())
        given = {key.lower() for key, _ in callers}  # what the caller says himself replaces ours
        ours = {key.lower() for key in headers or ()}
        self.headers = None if ours <= given else headers
        return tuple(pair for pair in own if pair[0] not in given) + callers

    def suspect(self, failure: CamundaError) -> str | None:
        """The peer to be asked, with ``examined``, why it hung up; None after most
        failures, and after the first.
        """
        if failure.sent or self.policy.examine is None:
            return None
        if self._suspected:
            peer, advice = self._advised
            if advice is not None and suspect(failure.message) == peer:  # it has hung up once more
                failure.message = f"{failure.message}; {advice}"
            return None
        self._suspected = True
        return suspect(failure.message)

    def examined(self, failure: CamundaError, peer: str) -> CamundaError:
        """``failure``, or one that says why ``peer`` hung up. Blocks for up to a second."""
        left = self.deadline.bounded(EXAMINATION)
        examine = self.policy.examine
        advice = examine(peer, left) if examine is not None and left > 0 else None
        if advice is None:
            return failure
        self._advised = peer, advice
        message = f"{failure.message}; {advice}"
        return as_rpc_error(
            Unavailable(
                message,
                operation=self.rpc.name,
                sent=False,
                answered=False,
                lasting=never_connects(message) is not None,
            )
        )

    def next_delay(self, failure: CamundaError) -> float | None:
        """Seconds until the next attempt; None when ``failure`` is to be raised.

        A rejected token is renewed once.
        """
        self.failures += 1
        failure.attempts, failure.elapsed = self.failures, self.deadline.elapsed()
        at_once = self._elsewhere(failure)
        self.told(failure)
        if not failure.sent and self.policy.repeats and self.policy.renewed():
            return 0.0
        if at_once and self.deadline.remaining() != 0.0:
            return 0.0
        if not self.policy.repeats or (not failure.sent and never_connects(failure.message)):
            return None
        if failure.grpc_code == "UNAUTHENTICATED" and failure.sent:
            if self._renewed or self.headers is None or self.policy.credentials is None:
                return None
            self._renewed = True
            return 0.0 if self.policy.credentials.rejected(self.headers) else None
        if self._course is None:
            self._course = self.policy.retry.attempts(repeatable=self.rpc.repeatable, deadline=self.deadline)
        if self._visits is not None:
            self._visits.paused()
            left = self.deadline.remaining()
            if self._patient and not failure.sent and (left is None or left > _PATIENCE):
                return _PATIENCE
        return self._course.next_delay(failure)
