"""Files go up and come down in pieces, whole or not at all, from and to whatever holds bytes."""

from __future__ import annotations

import email
import email.policy
import gzip
import io
import os
import re
import socket
import tempfile
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from camunda_core.credentials import Basic
from camunda_core.errors import (
    Aborted,
    CamundaError,
    DeadlineExceeded,
    InvalidRequest,
    NotFound,
    Unauthenticated,
)
from camunda_core.retry import NO_RETRY, RetryPolicy
from tests.fakes.ports import free_port
from tests.fakes.rest import Exchange, Request, RestServer, answer, problem, stall
from tests.unit.camunda_rest.api.sides import SIDES, opened

CONTENT = bytes(range(256)) * 4096  # 1 MiB
MEGABYTE = 1 << 20


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(side: str, server: RestServer) -> Iterator[Any]:
    server.script(answer(201, {"documentId": "d1"}))
    with opened(side, server.address, retry=NO_RETRY) as made:
        yield made


def parts(request: Request) -> list[dict[str, Any]]:
    """The parts of a form, as another library reads them."""
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    return [
        {
            "name": part.get_param("name", header="content-disposition"),
            "file": part.get_filename(),
            "type": part.get_content_type(),
            "content": part.get_payload(decode=True),
        }
        for part in message.iter_parts()
    ]


# What can be sent


class Again:
    """An iterable that can be read more than once."""

    def __iter__(self) -> Iterator[bytes]:
        return iter((CONTENT[:10], CONTENT[10:]))


def pipe() -> Any:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as end:
            end.write(CONTENT)

    threading.Thread(target=write, daemon=True).start()
    return os.fdopen(reading, "rb")


def spooled() -> Any:
    file = tempfile.SpooledTemporaryFile()  # noqa: SIM115
    file.write(b"before" + CONTENT)
    file.seek(6)
    return file


SOURCES: dict[str, Callable[[Path], Any]] = {
    "path": lambda path: path,
    "text path": str,
    "bytes": lambda _: CONTENT,
    "bytearray": lambda _: bytearray(CONTENT),
    "memoryview": lambda _: memoryview(CONTENT),
    "file": lambda path: path.open("rb"),
    "unbuffered file": lambda path: path.open("rb", buffering=0),
    "file in memory": lambda _: io.BytesIO(CONTENT),
    "file from where it stands": lambda _: spooled(),
    "pipe": lambda _: pipe(),
    "generator": lambda _: (CONTENT[i : i + 1000] for i in range(0, len(CONTENT), 1000)),
    "iterable": lambda _: Again(),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / 'Größe "1".pdf'
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("source", SOURCES)
def test_whatever_holds_bytes_can_be_sent(side: str, source: str, file: Path) -> None:
    upload = SOURCES[source](file)
    try:
        with Endless() as server, opened(side, server.address, retry=NO_RETRY) as client:
            client.create_document(upload)
            assert server.received > len(CONTENT)
            assert CONTENT in server.body
    finally:
        if hasattr(upload, "close"):
            upload.close()


def test_a_file_has_its_name_its_type_and_its_metadata(side: str, server: RestServer, file: Path) -> None:
    server.script(answer(201, {"documentId": "d1"}))
    with opened(side, server.address, cluster_version="8.9") as client:
        document = client.create_document(
            file, metadata={"process_definition_id": "order", "custom_properties": {"a": [1]}}, store_id="s"
        )

    assert document.document_id == "d1"
    (request,) = server.requests
    assert request.target == "/v2/documents?storeId=s"
    assert int(request.headers["content-length"]) == len(request.body)
    sent, about = parts(request)
    assert (sent["name"], sent["type"], sent["content"]) == ("file", "application/pdf", CONTENT)
    assert 'filename="Größe \\"1\\".pdf"'.encode() in request.body
    assert (about["name"], about["type"]) == ("metadata", "application/json")
    assert about["content"] == b'{"processDefinitionId": "order", "customProperties": {"a": [1]}}'


def test_metadata_name_the_file_and_its_type(client: Any, server: RestServer) -> None:
    client.create_document(b"x", metadata={"file_name": "a.bin", "content_type": "text/x-special"})

    sent = parts(server.requests[0])[0]
    assert (sent["file"], sent["type"]) == ("a.bin", "text/x-special")


def test_several_files_have_metadata_each(client: Any, server: RestServer, file: Path) -> None:
    server.script(answer(201, {"createdDocuments": []}))
    client.create_documents([b"a", file], metadata_list=[{"file_name": "a.txt"}, {}])
    sent = parts(server.requests[0])

    assert [part["name"] for part in sent] == ["files", "files", "metadataList"]
    assert [part["file"] for part in sent][:2] == ["a.txt", 'Größe "1".pdf'] or sent[1]["content"] == CONTENT
    with pytest.raises(InvalidRequest, match="metadata_list has 1 entries for 2 files"):
        client.create_documents([b"a", b"b"], metadata_list=[{}])


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        ("no such file.pdf", "file: there is no file 'no such file.pdf'; to send text, encode it"),
        (".", r"file: '\.' is a folder"),
        (io.StringIO("text"), "file: the file is open as text; open it in binary mode"),
        (3, "file must be a path, bytes, .* not int"),
        (None, "file must be a path"),
        ({"a": b"b"}, "file must be a path, .* not dict"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is(
    client: Any, server: RestServer, upload: Any, words: str
) -> None:
    with pytest.raises(InvalidRequest, match=f"createDocument: {words}"):
        client.create_document(upload)
    assert server.requests == []


def test_a_closed_file_is_refused(client: Any, file: Path) -> None:
    with file.open("rb") as opened_file:
        pass
    with pytest.raises(InvalidRequest, match="file: the file is closed"):
        client.create_document(opened_file)


@pytest.mark.parametrize(
    "about", [{"content_type": "a\r\nX-Evil: 1"}, {"file_name": "a\r\nb"}, {"content_type": "pdf"}]
)
def test_metadata_that_would_break_the_form_are_refused(
    client: Any, server: RestServer, about: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest, match="createDocument: file: "):
        client.create_document(b"x", metadata=about)
    assert server.requests == []


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: iter([b"a", "text"]), "file must give bytes; it gave str"),
        (lambda: Growing(), "document changed while it was sent: 5 bytes were announced, more came"),
        (lambda: Shrinking(), "document changed while it was sent: 5 bytes were announced, 2 came"),
    ],
)
def test_a_source_that_goes_wrong_on_the_way_is_told_as_what_it_is(
    side: str, upload: Callable[[], Any], words: str
) -> None:
    with (
        Endless() as server,
        opened(side, server.address, retry=NO_RETRY) as client,
        pytest.raises(InvalidRequest, match=words),
    ):
        client.create_document(upload())


class Growing(io.BytesIO):
    """A file that has more than it said."""

    def __init__(self) -> None:
        super().__init__(b"12345")

    def read(self, size: int | None = -1) -> bytes:
        return super().read(size) and b"1234567"


class Shrinking(Growing):
    """A file that has less than it said."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(size)[:2]


class Failing(io.BytesIO):
    """A disk that fails."""

    def read(self, size: int | None = -1) -> bytes:
        raise PermissionError(13, "not this sector")


def test_an_error_of_the_source_is_raised_as_it_is(side: str) -> None:
    with (
        Endless() as server,
        opened(side, server.address, retry=NO_RETRY) as client,
        pytest.raises(PermissionError, match="not this sector"),
    ):
        client.create_document(Failing(b"12345"))


# Twice


def test_what_can_be_read_again_is_repeated_from_its_beginning(side: str, server: RestServer) -> None:
    quick = RetryPolicy(max_attempts=3, initial_delay=0.001)
    server.script(problem(429, "RESOURCE_EXHAUSTED"), answer(201, {"documentId": "d1"}))
    with opened(side, server.address, retry=quick) as client:
        assert client.create_document(io.BytesIO(CONTENT)).document_id == "d1"

    assert [CONTENT in request.body for request in server.requests] == [True, True]


def test_what_can_be_read_once_is_sent_once(side: str) -> None:
    quick = RetryPolicy(max_attempts=3, initial_delay=0.001)
    with Endless(status="429 Too Many") as server, opened(side, server.address, retry=quick) as client:
        with pytest.raises(CamundaError):
            client.create_document(iter([CONTENT]))
        assert server.answered == 1


def test_a_renewed_token_does_not_send_what_is_left_of_a_pipe(side: str) -> None:
    with (
        Endless(status="401 Unauthorized") as server,
        opened(side, server.address, retry=NO_RETRY, credentials=Renewing("ann", "secret")) as client,
    ):
        with pytest.raises(Unauthenticated):
            client.create_document(iter([CONTENT]))
        assert server.answered == 1


class Renewing(Basic):
    """Has another token each time."""

    def rejected(self, headers: Any) -> bool:
        return True


def test_what_was_never_begun_can_be_sent(side: str) -> None:
    port = free_port()
    policy = RetryPolicy(max_attempts=100, initial_delay=0.05, max_delay=0.1)
    found: list[Any] = []

    def call() -> None:
        with opened(side, f"http://127.0.0.1:{port}", retry=policy) as client:
            found.append(client.create_document(iter([CONTENT])))

    calling = threading.Thread(target=call)
    calling.start()
    with Endless(port=port) as server:
        calling.join(20)
        assert server.received > len(CONTENT)
    assert len(found) == 1


# Progress and time


def test_progress_of_an_upload_is_told_to_its_end(client: Any, server: RestServer) -> None:
    seen: list[tuple[int, int | None]] = []
    client.create_document(CONTENT, on_progress=lambda done, total: seen.append((done, total)))

    assert len(seen) > 4
    assert seen == sorted(seen)
    assert seen[-1] == (len(server.requests[0].body), len(server.requests[0].body))


def test_progress_can_stop_an_upload(side: str) -> None:
    def enough(done: int, total: int | None) -> None:
        raise KeyError("enough")

    with (
        Endless() as server,
        opened(side, server.address, retry=NO_RETRY) as client,
        pytest.raises(KeyError, match="enough"),
    ):
        client.create_document(CONTENT, on_progress=enough)


def test_progress_must_be_callable(client: Any) -> None:
    with pytest.raises(InvalidRequest, match="on_progress must be callable"):
        client.create_document(CONTENT, on_progress=3)


def test_the_time_limit_bounds_an_upload_as_a_whole(side: str) -> None:
    with Endless(slow=0.05) as server, opened(side, server.address, retry=NO_RETRY) as client:
        with pytest.raises(DeadlineExceeded):
            client.create_document(CONTENT * 16, timeout=0.3)
        server.stop()  # what asyncio still holds for it would keep the connection open


def test_the_time_limit_bounds_each_piece_of_a_download_not_the_whole(
    client: Any, server: RestServer
) -> None:
    def dripping(exchange: Exchange) -> bool:
        exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for _ in range(6):
            exchange.stopped.wait(0.3)
            exchange.sock.sendall(b"x")
        return True

    server.script(dripping)
    assert client.get_document("d1", timeout=1.5).read() == b"xxxxxx"

    def hanging(exchange: Exchange) -> bool:
        exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nxx")
        return stall()(exchange)

    server.script(hanging)
    with pytest.raises(DeadlineExceeded):
        client.get_document("d1", timeout=0.1).read()


# Downloads


@pytest.fixture
def served(client: Any, server: RestServer) -> Any:
    server.script(answer(200, CONTENT, content_type="application/pdf"))
    return client


def test_a_download_is_saved_to_a_path(served: Any, tmp_path: Path) -> None:
    target = tmp_path / "out.pdf"
    seen: list[tuple[int, int | None]] = []
    count = served.get_document("d1").save(target, on_progress=lambda *progress: seen.append(progress))

    assert count == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert os.listdir(tmp_path) == ["out.pdf"]
    served.get_document("d1").save(str(target))
    assert os.listdir(tmp_path) == ["out.pdf"]


def test_a_download_is_written_to_a_file_read_whole_or_read_in_pieces(served: Any) -> None:
    held = io.BytesIO(b"")
    assert served.get_document("d1").save(held) == len(CONTENT)
    assert held.getvalue() == CONTENT
    assert served.get_document("d1").read() == CONTENT
    assert b"".join(served.get_document("d1")) == CONTENT


def test_a_download_can_be_read_once(served: Any, tmp_path: Path) -> None:
    download = served.get_document("d1")
    download.read()
    for again in (download.read, lambda: download.save(tmp_path / "x"), lambda: list(download)):
        with pytest.raises(InvalidRequest, match="can be read once"):
            again()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("target", [io.StringIO(), 3, None])
def test_a_target_that_takes_no_bytes_is_refused(served: Any, target: Any) -> None:
    with pytest.raises(InvalidRequest, match="the target"):
        served.get_document("d1").save(target)


def test_an_aborted_download_leaves_no_half_file(client: Any, server: RestServer, tmp_path: Path) -> None:
    target = tmp_path / "out.pdf"
    target.write_bytes(b"what was there")
    server.script(answer(200, CONTENT, length=len(CONTENT) + 10))

    with pytest.raises(CamundaError, match=r"getDocument: the connection to .* broke"):
        client.get_document("d1").save(target)
    assert target.read_bytes() == b"what was there"
    assert os.listdir(tmp_path) == ["out.pdf"]

    def enough(done: int, total: int | None) -> None:
        raise KeyError("enough")

    server.script(answer(200, CONTENT))
    with pytest.raises(KeyError, match="enough"):
        client.get_document("d1").save(tmp_path / "other.pdf", on_progress=enough)
    with pytest.raises(OSError, match="No such file"):
        client.get_document("d1").save(tmp_path / "no folder" / "x")
    assert os.listdir(tmp_path) == ["out.pdf"]


def test_a_download_that_a_proxy_compressed_is_what_it_was(client: Any, server: RestServer) -> None:
    packed = gzip.compress(CONTENT)
    server.script(
        answer(200, packed, headers={"Content-Encoding": "gzip"}),
        answer(200, packed[:-9], headers={"Content-Encoding": "gzip"}),
    )
    download = client.get_document("d1")

    assert (download.size, download.read()) == (None, CONTENT)
    with pytest.raises(CamundaError, match="ends early"):
        client.get_document("d1").read()


def test_a_document_that_is_not_there_is_an_error_at_once(client: Any, server: RestServer) -> None:
    server.script(problem(404, "NOT_FOUND", "no document"))

    with pytest.raises(NotFound, match="no document"):
        client.get_document("d1")


def test_a_connection_is_free_again_after_a_download(served: Any, server: RestServer) -> None:
    for _ in range(5):
        served.get_document("d1").read()
    assert server.connections == 1
    served.get_document("d1").close()
    assert served.get_document("d1").read() == CONTENT


# Size


class Endless:
    """A server that throws away what it is sent and can answer any number of bytes, holding neither."""

    def __init__(self, *, status: str = "201 Created", slow: float = 0.0, port: int = 0) -> None:
        self.received = self.answered = 0
        self.body = b""
        self._status = status
        self._slow = slow
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(0.05)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._accept)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Endless:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        self._listener.close()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            with sock:
                sock.settimeout(5)
                try:
                    while self._serve(sock):
                        pass
                except OSError:
                    pass

    def _serve(self, sock: socket.socket) -> bool:
        pending = b""
        while b"\r\n\r\n" not in pending:
            more = sock.recv(65536)
            if not more:
                return False
            pending += more
        head, _, rest = pending.partition(b"\r\n\r\n")
        if head.startswith(b"GET"):
            size = int(re.search(rb"size=(\d+)|documents/(\d+)", head)[2])  # type: ignore[index]
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            piece = bytes(65536)
            for _ in range(size // len(piece)):
                sock.sendall(piece)
            return True
        length = re.search(rb"(?i)content-length: (\d+)", head)
        self._swallow(sock, rest, None if length is None else int(length[1]))
        self.answered += 1
        body = b'{"documentId": "d1"}' if self._status.startswith("201") else b""
        kind = b"Content-Type: application/json\r\n" if body else b""
        sock.sendall(
            b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (self._status.encode(), kind, len(body), body)
        )
        return True

    def _swallow(self, sock: socket.socket, rest: bytes, length: int | None) -> None:
        """Reads a body; of a small one that comes in chunks of HTTP it keeps the content."""
        self.body, raw = b"", rest
        self.received += len(rest)
        while (length is None and not raw.endswith(b"0\r\n\r\n")) or (
            length is not None and self.received < length
        ):
            if self._stopped.wait(self._slow):
                return
            more = sock.recv(65536)
            if not more:
                return
            self.received += len(more)
            raw = raw + more if self.received < 4 * MEGABYTE else more
        if length is not None:
            self.body = raw
            return
        while raw and raw != b"0\r\n\r\n":
            size, _, raw = raw.partition(b"\r\n")
            self.body += raw[: int(size, 16)]
            raw = raw[int(size, 16) + 2 :]


def test_100_mb_go_both_ways_in_little_memory(side: str, tmp_path: Path) -> None:
    size = 100 * MEGABYTE
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as sparse:
        sparse.truncate(size)
    with Endless() as server, opened(side, server.address, retry=NO_RETRY, timeout=60) as client:
        tracemalloc.start()
        try:
            client.create_document(source)
            up = tracemalloc.get_traced_memory()[1]
            tracemalloc.reset_peak()
            client.get_document(str(size)).save(target)
            down = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert server.received > size
    assert target.stat().st_size == size
    assert up < 12 * MEGABYTE
    assert down < 12 * MEGABYTE


def test_the_connection_that_breaks_during_an_upload_may_have_been_enough(
    side: str, server: RestServer
) -> None:
    def breaking(exchange: Exchange) -> bool:
        return False

    server.script(breaking)
    with (
        opened(side, server.address, retry=NO_RETRY) as client,
        pytest.raises(Aborted, match="may have been executed"),
    ):
        client.create_document(CONTENT)
