"""A gateway that has jobs without end, on both wires, in a process of its own: ``python -m benchmarks.jobs_gateway [core]``.

It is made to take less time for a job than any client. Messages are bytes made beforehand; of HTTP/2 it speaks what gRPC clients
need, flow control included, and of a request it reads no more than tells it from others. Polls wait while there is no job.

It takes orders on stdin, one a line, and answers each with a line of JSON:

    flood N      jobs without end, but at most N that are neither completed nor failed
    trickle S    one job every S seconds
    dry          no more jobs
    load PATH    no more jobs, and from now on those of a file of ``benchmarks.ring``
    report       what has happened since the last order but this one

Where there is Go, a native program takes its place (``benchmarks/mock``), which takes the same orders.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from benchmarks.mock import Report
from benchmarks.ring import Ring, read

__all__ = ["Stock"]

_PARKED = 30.0


class Stock:
    """The jobs, and who waits for them."""

    def __init__(self) -> None:
        self._ring = Ring(0, b"", b"", [], [])
        self._next = itertools.cycle(range(0))
        self._ready: deque[tuple[int, float]] = deque()
        self._limit = 0
        self._open = 0
        self._born: dict[int, float] = {}
        self._ticking: asyncio.TimerHandle | None = None
        #: Called when there are jobs again; each gives whether it took what it wanted.
        self.takers: deque[Callable[[], bool]] = deque()
        self._clear()

    def _clear(self) -> None:
        self.handed = self.completed = self.failed = self.polls = self.streams = 0
        self._cpu = time.process_time()
        self._waits: list[float] = []

    def order(self, line: str) -> Report:
        what, _, value = line.partition(" ")
        found = Report(
            self.handed,
            self.completed,
            self.failed,
            self.polls,
            self.streams,
            time.process_time() - self._cpu,
            self._waits,
        )
        self._clear()
        if what == "report":
            return found
        self._limit = self._open = 0
        self._ready.clear()
        self._born.clear()
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        if what == "flood":
            self._limit = int(value)
            self.offer()
        elif what == "trickle":
            self._tick(float(value))
        elif what == "load":
            self._ring = read(value)
            self._next = itertools.cycle(range(len(self._ring.messages)))
        elif what != "dry":
            raise ValueError(line)
        return found

    def _tick(self, every: float) -> None:
        number = next(self._next)
        self._born[number] = time.monotonic()
        self._ready.append((number, every))
        self._ticking = asyncio.get_running_loop().call_later(every, self._tick, every)
        self.offer()

    def take(self, most: int) -> list[int]:
        """Numbers of at most so many jobs."""
        if self._limit:
            count = min(most, self._limit - self._open)
            taken = [next(self._next) for _ in range(count)]
            self._open += len(taken)
        else:
            taken = [self._ready.popleft()[0] for _ in range(min(most, len(self._ready)))]
        self.handed += len(taken)
        return taken

    def offer(self) -> None:
        """Asks those who wait, each once."""
        for _ in range(len(self.takers)):
            if not (self._limit > self._open or self._ready):
                return
            taker = self.takers.popleft()
            if not taker():
                self.takers.append(taker)

    def answered(self, number: int | None, completed: bool) -> None:
        """A job has its answer; ``offer`` is due once all that was read is taken in."""
        if completed:
            self.completed += 1
        else:
            self.failed += 1
        if self._limit:
            self._open -= 1
        elif number is not None and (born := self._born.pop(number, None)) is not None:
            self._waits.append(time.monotonic() - born)

    def number(self, key: bytes) -> int | None:
        """Which job has the key, decimal digits."""
        found = int(key) - self._ring.first_key
        return found if 0 <= found < len(self._ring.messages) else None

    @property
    def messages(self) -> list[bytes]:
        """Each job as an answer to ActivateJobs."""
        return self._ring.messages

    @property
    def texts(self) -> list[bytes]:
        """Each job in JSON."""
        return self._ring.texts


# HTTP/2 frame types and flags
_DATA, _HEADERS, _RST, _SETTINGS, _PING, _GOAWAY, _WINDOW = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _END_HEADERS, _ACK, _PADDED = 1, 4, 1, 8
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_FRAME = 16384
_MUCH = 2**31 - 1


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return b"%b%c%c%b%b" % (len(payload).to_bytes(3, "big"), kind, flags, stream.to_bytes(4, "big"), payload)


def _literal(name: bytes, value: bytes) -> bytes:
    return b"\x00%c%b%c%b" % (len(name), name, len(value), value)


_HEAD = b"\x88" + _literal(b"content-type", b"application/grpc")  # 0x88: ":status: 200"
_TRAILERS = _literal(b"grpc-status", b"0")
_EMPTY = b"\x00\x00\x00\x00\x00"


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


class _Grpc(asyncio.Protocol):
    """One connection. Which call a request belongs to is read off its message:

    only those that activate begin with a text, the job type, and only ActivateJobs has a field 4.
    """

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._read = b""
        self._greeted = False
        self._initial = 65535
        self._window = 65535
        self._windows: dict[int, int] = {}
        self._bodies: dict[int, bytes] = {}
        self._queues: dict[int, deque[bytes]] = {}
        self._streaming: dict[int, None] = {}
        self._credit = 0
        self._paused = False
        self._out: list[bytes] = []
        self._gone = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        # No limit on what a client may send: its requests are small.
        settings = b"\x00\x04" + _MUCH.to_bytes(4, "big") + b"\x00\x03" + (10_000).to_bytes(4, "big")
        transport.write(
            _frame(_SETTINGS, 0, 0, settings) + _frame(_WINDOW, 0, 0, (_MUCH - 65535).to_bytes(4, "big"))
        )

    def connection_lost(self, error: Exception | None) -> None:
        self._gone = True
        self._streaming.clear()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._push()
        self._flush()

    def data_received(self, data: bytes) -> None:
        data = self._read + data
        position, end = 0, len(data)
        if not self._greeted:
            if end < len(_PREFACE):
                self._read = data
                return
            self._greeted, position = True, len(_PREFACE)
        while end - position >= 9:
            length = int.from_bytes(data[position : position + 3], "big")
            after = position + 9 + length
            if after > end:
                break
            stream = int.from_bytes(data[position + 5 : position + 9], "big")
            self._frame(data[position + 3], data[position + 4], stream, data[position + 9 : after])
            position = after
        self._read = data[position:]
        self._stock.offer()
        self._push()
        self._flush()

    def _flush(self) -> None:
        if self._out and not self._gone:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _frame(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == _DATA:
            self._data(stream, flags, payload)
        elif kind == _WINDOW:
            more = int.from_bytes(payload, "big")
            if stream:
                self._windows[stream] = self._windows.get(stream, self._initial) + more
                self._drain(stream)
            else:
                self._window += more
                for each in list(self._queues):
                    self._drain(each)
        elif kind == _SETTINGS and not flags & _ACK:
            for at in range(0, len(payload), 6):
                if payload[at : at + 2] == b"\x00\x04":
                    initial = int.from_bytes(payload[at + 2 : at + 6], "big")
                    self._windows = {
                        key: value + initial - self._initial for key, value in self._windows.items()
                    }
                    self._initial = initial
            self._out.append(_frame(_SETTINGS, _ACK, 0, b""))
        elif kind == _PING and not flags & _ACK:
            self._out.append(_frame(_PING, _ACK, 0, payload))
        elif kind == _RST:
            self._forget(stream)

    def _forget(self, stream: int) -> None:
        self._streaming.pop(stream, None)
        self._queues.pop(stream, None)
        self._bodies.pop(stream, None)
        self._windows.pop(stream, None)

    def _data(self, stream: int, flags: int, payload: bytes) -> None:
        self._credit += len(payload)
        if self._credit > 1 << 24:
            self._out.append(_frame(_WINDOW, 0, 0, self._credit.to_bytes(4, "big")))
            self._credit = 0
        before = self._bodies.pop(stream, b"")
        body = before + payload if before else payload
        if not flags & _END_STREAM:
            self._bodies[stream] = body
            return
        message = body[5:]
        if message[:1] == b"\x08":
            key, shift = 0, 0
            at = 1
            while True:
                byte = message[at]
                key |= (byte & 127) << shift
                shift, at = shift + 7, at + 1
                if byte < 128:
                    break
            self._stock.answered(self._stock.number(b"%d" % key), message[at : at + 1] != b"\x10")
            self._out.append(
                _frame(_HEADERS, _END_HEADERS, stream, _HEAD)
                + _frame(_DATA, 0, stream, _EMPTY)
                + _frame(_HEADERS, _END_HEADERS | _END_STREAM, stream, _TRAILERS)
            )
            self._windows.pop(stream, None)
            return
        fields = _fields(message)
        self._windows.setdefault(stream, self._initial)
        self._queues[stream] = deque()
        self._out.append(_frame(_HEADERS, _END_HEADERS, stream, _HEAD))
        if 4 in fields:
            self._stock.polls += 1
            self._poll(stream, fields[4], fields.get(6, 0))
        else:
            self._stock.streams += 1
            self._streaming[stream] = None
            self._stock.takers.append(self._wanted)

    # Polls

    def _poll(self, stream: int, most: int, wait: int) -> None:
        if jobs := self._stock.take(most):
            self._answer(stream, jobs)
            return
        if wait >= 2**63:  # below 0: no waiting
            self._answer(stream, [])
            return
        timer = asyncio.get_running_loop().call_later(wait / 1000 or _PARKED, self._over, stream)

        def taken() -> bool:
            if self._gone or stream not in self._queues:
                timer.cancel()
                return True
            jobs = self._stock.take(most)
            if jobs:
                timer.cancel()
                self._answer(stream, jobs)
                self._flush()
            return bool(jobs)

        self._stock.takers.append(taken)

    def _over(self, stream: int) -> None:
        if stream in self._queues:
            self._answer(stream, [])
            self._flush()

    def _answer(self, stream: int, jobs: list[int]) -> None:
        queue = self._queues[stream]
        messages = self._stock.messages
        if jobs:
            # Messages that are joined are one message with all their jobs.
            message = b"".join([messages[each] for each in jobs])
            queue.append(b"\x00" + len(message).to_bytes(4, "big") + message)
        queue.append(b"")
        self._drain(stream)

    # Streams

    def _wanted(self) -> bool:
        if not self._streaming or self._gone:
            return True
        self._push()
        self._flush()
        return False

    def _push(self) -> None:
        """Jobs for the streams, as far as flow control lets them go."""
        if self._gone:
            return
        messages = self._stock.messages
        while not self._paused:
            pushed = False
            for stream in self._streaming:
                if self._windows[stream] <= 0 or self._window <= 0 or self._queues[stream]:
                    continue
                jobs = self._stock.take(max(1, min(16, self._windows[stream] // 600)))
                if jobs:
                    pushed = True
                    # Each is its job's bytes without the tag and length that the answer to a poll has around it.
                    parts = [_unwrapped(messages[each]) for each in jobs]
                    self._queues[stream].append(
                        b"".join([b"\x00" + len(each).to_bytes(4, "big") + each for each in parts])
                    )
                    self._drain(stream)
            if not pushed:
                return

    # Flow control

    def _drain(self, stream: int) -> None:
        queue = self._queues.get(stream)
        if queue is None:
            return
        while queue:
            data = queue[0]
            if not data:
                self._out.append(_frame(_HEADERS, _END_HEADERS | _END_STREAM, stream, _TRAILERS))
                self._forget(stream)
                return
            room = min(self._window, self._windows[stream])
            if room <= 0:
                return
            part, rest = data[:room], data[room:]
            self._window -= len(part)
            self._windows[stream] -= len(part)
            for at in range(0, len(part), _FRAME):
                self._out.append(_frame(_DATA, 0, stream, part[at : at + _FRAME]))
            if rest:
                queue[0] = rest
            else:
                queue.popleft()


def _fields(message: bytes) -> dict[int, int]:
    """The numbers of a message, by field; of texts, that they are there."""
    found: dict[int, int] = {}
    position = 0

    def number() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(message):
        tag = number()
        value = number()
        found[tag >> 3] = value
        if tag & 7 == 2:
            position += value
    return found


_bare: dict[bytes, bytes] = {}


def _unwrapped(message: bytes) -> bytes:
    found = _bare.get(message)
    if found is None:
        at = 1
        while message[at] > 127:
            at += 1
        found = _bare[message] = message[at + 1 :]
    return found


class _Rest(asyncio.Protocol):
    """As much of HTTP/1.1 as clients need that send one request at a time and its length."""

    _length = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
    _wanted = re.compile(rb'"maxJobsToActivate": *(\d+)')
    _wait = re.compile(rb'"requestTimeout": *(-?\d+)')
    _answered = b"HTTP/1.1 204 No Content\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n"

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._read = b""
        self._gone = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._gone = True

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        length = self._length.search(head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self._read = b""
        path = head[: head.index(b" HTTP/")]
        if path.endswith(b"/jobs/activation"):
            wanted, wait = self._wanted.search(body), self._wait.search(body)
            self._stock.polls += 1
            self._poll(int(wanted[1]) if wanted else 1, int(wait[1]) if wait else 0)
            return
        self._transport.write(self._answered)
        *_, key, what = path.rsplit(b"/", 2)
        self._stock.answered(self._stock.number(key), what == b"completion")
        self._stock.offer()

    def _poll(self, most: int, wait: int) -> None:
        jobs = self._stock.take(most)
        if jobs or wait < 0:
            self._answer(jobs)
            return
        done = False

        def over() -> None:
            nonlocal done
            if not done and not self._gone:
                self._answer([])
            done = True

        timer = asyncio.get_running_loop().call_later(wait / 1000 or _PARKED, over)

        def taken() -> bool:
            if done or self._gone:
                timer.cancel()
                return True
            jobs = self._stock.take(most)
            if jobs:
                timer.cancel()
                self._answer(jobs)
            return bool(jobs)

        self._stock.takers.append(taken)

    def _answer(self, jobs: list[int]) -> None:
        body = b'{"jobs":[%b]}' % b",".join([self._stock.texts[each] for each in jobs])
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n"
        )
        self._transport.write(head % len(body) + body)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    stock = Stock()
    grpc = await loop.create_server(lambda: _Grpc(stock), "127.0.0.1", 0)
    rest = await loop.create_server(lambda: _Rest(stock), "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (grpc, rest)]
    print(f"127.0.0.1:{ports[0]} http://127.0.0.1:{ports[1]}", flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():  # whoever started it closes the pipe, if only by dying
        print(json.dumps(stock.order(line.decode().strip())), flush=True)
    grpc.close()
    rest.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(_serve())
