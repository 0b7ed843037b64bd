"""Files on the wire: multipart bodies that are read while they are sent, and answers that are read while they come.

Neither holds a whole file in memory. What is sent can be a path, bytes, an open file or an iterable of bytes.
"""

from __future__ import annotations

import io
import json
import os
import re
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeAlias, Union

from camunda_core.errors import InvalidRequest

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncDownload", "Download", "Multipart", "Progress", "Upload", "document_form"]

#: What can be sent: a path (text or path-like), bytes, a file that is open for reading bytes, or an iterable of bytes.
Upload: TypeAlias = Union[
    str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO, IO[bytes], Iterable[bytes]
]

#: Called with the bytes that have gone or come, and with how many there are in all (None where nobody knows).
Progress: TypeAlias = Callable[[int, int | None], object]

CHUNK = 256 * 1024


class Part(NamedTuple):
    """One file of a form. ``open`` gives its bytes from the beginning; ``again`` says whether it can do so twice."""

    name: str
    size: int | None
    open: Callable[[], Iterator[bytes]]
    again: bool


def part_of(upload: Any, where: str, name: str | None = None) -> Part:
    """What is to be sent. Raises InvalidRequest naming the argument when it is nothing of that kind, or cannot be read."""
    if isinstance(upload, (bytes, bytearray, memoryview)):
        content = bytes(upload)
        return Part(name or "document", len(content), lambda: _sliced(content), True)
    if isinstance(upload, (str, os.PathLike)):
        return _path(Path(upload), where, name)
    if hasattr(upload, "read"):
        return _open_file(upload, where, name)
    if isinstance(upload, Iterable) and not isinstance(upload, Mapping):
        again = iter(upload) is not upload
        return Part(name or "document", None, lambda: _checked(upload, where), again)
    raise InvalidRequest(
        f"{where} must be a path, bytes, a file that is open for reading bytes or an iterable of bytes, not {type(upload).__name__}"
    )


def _path(path: Path, where: str, name: str | None) -> Part:
    try:
        if path.is_fifo():  # it can be read once, and nobody knows its length
            return Part(name or path.name, None, lambda: _read_path(path, where), False)
        if path.is_dir():
            raise InvalidRequest(f"{where}: {str(path)!r} is a folder")
        if not path.is_file():
            raise InvalidRequest(f"{where}: there is no file {str(path)!r}; to send text, encode it")
        size = path.stat().st_size
        path.open("rb").close()
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidRequest):
            raise
        raise InvalidRequest(f"{where}: {str(path)!r} cannot be read: {error}") from None
    return Part(name or path.name, size, lambda: _read_path(path, where), True)


def _open_file(file: Any, where: str, name: str | None) -> Part:
    if isinstance(file, io.TextIOBase):
        raise InvalidRequest(f"{where}: the file is open as text; open it in binary mode ('rb')")
    if getattr(file, "closed", False) is True:
        raise InvalidRequest(f"{where}: the file is closed")
    own = getattr(file, "name", None)
    found = name or (Path(own).name if isinstance(own, str) else "document")
    try:
        start = file.tell()
        end = file.seek(0, os.SEEK_END)
        file.seek(start)
    except (OSError, AttributeError, ValueError):
        # A pipe: it can be read once, and nobody knows its length.
        return Part(found, None, lambda: _read(file, where), False)

    def from_start() -> Iterator[bytes]:
        file.seek(start)
        return _read(file, where)

    return Part(found, end - start if isinstance(end, int) else None, from_start, True)


def _sliced(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def _read(file: Any, where: str) -> Iterator[bytes]:
    return _checked(iter(lambda: file.read(CHUNK) or b"", b""), where)


def _read_path(path: Path, where: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _read(file, where)


def _checked(chunks: Iterable[Any], where: str) -> Iterator[bytes]:
    for chunk in chunks:
        if not isinstance(chunk, (bytes, bytearray, memoryview)):
            raise InvalidRequest(f"{where} must give bytes; it gave {type(chunk).__name__}")
        yield bytes(chunk)


def _untold(done: int, total: int | None) -> None:
    """The progress that nobody asked for."""


class Multipart:
    """A multipart form that is written while it is sent.

    ``length``  in bytes, None where a part's length is not known
    ``again``   whether it can be sent now: for the first time, or because every part of it can be read twice
    ``broken``  what went wrong while it was read, if anything did; clients wrap that up in errors of their own
    """

    def __init__(self, *, progress: Progress | None = None) -> None:
        if progress is not None and not callable(progress):
            raise InvalidRequest(f"on_progress must be callable, not {progress!r}")
        self._boundary = f"camunda-{os.urandom(20).hex()}".encode()
        self._parts: list[tuple[bytes, Part]] = []
        self._progress = progress
        self._began = False
        self.broken: BaseException | None = None

    @property
    def content_type(self) -> str:
        """The header that goes with it."""
        return f"multipart/form-data; boundary={self._boundary.decode()}"

    def file(self, field: str, part: Part, content_type: str | None = None) -> None:
        """Adds a file. Raises InvalidRequest for a name that cannot stand in a header."""
        if any(char < " " or char == "\x7f" for char in part.name):
            raise InvalidRequest(f"{field}: the file name {part.name!r} has a control character")
        try:
            quoted = part.name.replace("\\", "\\\\").replace('"', '\\"').encode()
        except UnicodeEncodeError:
            raise InvalidRequest(f"{field}: the file name {part.name!r} is not valid Unicode") from None
        if content_type is not None and not re.fullmatch(r"[\x21-\x7e]+/[\x20-\x7e]+", content_type):
            raise InvalidRequest(
                f"{field}: {content_type!r} is not a content type, as application/pdf is one"
            )
        import mimetypes

        kind = content_type or mimetypes.guess_type(part.name)[0] or "application/octet-stream"
        head = b'Content-Disposition: form-data; name="%b"; filename="%b"\r\nContent-Type: %b\r\n\r\n'
        self._parts.append((head % (field.encode(), quoted, kind.encode()), part))

    def json(self, field: str, value: Any) -> None:
        """Adds a JSON document."""
        content = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        head = (
            b'Content-Disposition: form-data; name="%b"\r\nContent-Type: application/json\r\n\r\n'
            % field.encode()
        )
        self._parts.append((head, Part(field, len(content), lambda: iter((content,)), True)))

    @property
    def length(self) -> int | None:
        """How many bytes it has."""
        total = len(self._boundary) + 6
        for head, part in self._parts:
            if part.size is None:
                return None
            total += len(self._boundary) + 4 + len(head) + part.size + 2
        return total

    @property
    def again(self) -> bool:
        """Whether it can be sent now."""
        return not self._began or all(part.again for _, part in self._parts)

    def __iter__(self) -> Iterator[bytes]:
        self._began = True
        sent, total = 0, self.length
        tell = self._progress or _untold
        try:
            for chunk in self._chunks():
                yield chunk
                sent += len(chunk)
                tell(sent, total)
            last = b"--" + self._boundary + b"--\r\n"
            # Told before it is sent: who waits for the answer may not come back here.
            tell(sent + len(last), total)
            yield last
        except Exception as error:
            self.broken = error
            raise

    def _chunks(self) -> Iterator[bytes]:
        for head, part in self._parts:
            yield b"--" + self._boundary + b"\r\n" + head
            sent = 0
            for chunk in part.open():
                sent += len(chunk)
                if part.size is not None and sent > part.size:
                    break
                yield chunk
            if part.size is not None and sent != part.size:
                raise InvalidRequest(
                    f"{part.name} changed while it was sent: {part.size} bytes were announced, "
                    + ("more" if sent > part.size else str(sent))
                    + " came; nothing was stored"
                )
            yield b"\r\n"


def document_form(
    files: list[tuple[str, Any]],
    metadata: list[Mapping[str, Any]] | Mapping[str, Any] | None,
    progress: Progress | None,
) -> Multipart:
    """The form of one document (``file`` and ``metadata``) or of several (``files`` and ``metadataList``)."""
    form = Multipart(progress=progress)
    if metadata is None:
        each: list[Mapping[str, Any]] = [{}] * len(files)
    else:
        each = [metadata] if isinstance(metadata, Mapping) else list(metadata)
    if len(each) != len(files):
        raise InvalidRequest(
            f"metadata_list has {len(each)} entries for {len(files)} files: give one for each file"
        )
    single = [field for field, _ in files] == ["file"]
    for index, ((field, upload), about) in enumerate(zip(files, each, strict=True)):
        where = field if single else f"{field}[{index}]"
        form.file(field, part_of(upload, where, about.get("fileName")), about.get("contentType"))
    if metadata is not None:
        form.json("metadata" if single else "metadataList", metadata)
    return form


class Unpacking:
    """Undoes what a proxy may have compressed, a chunk at a time. Nothing of ours asks for it."""

    def __init__(self, encoding: str) -> None:
        packed = encoding.strip().lower() in ("gzip", "x-gzip", "deflate")
        self._inflating = zlib.decompressobj(47) if packed else None  # 47: gzip or zlib, as its head says

    def feed(self, chunk: bytes) -> bytes:
        """The chunk as it was before."""
        return chunk if self._inflating is None else self._inflating.decompress(chunk)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing at the end."""
        return self._inflating is None or self._inflating.eof


def length_of(headers: Mapping[str, str]) -> int | None:
    """How many bytes a file will have: what was announced, unless that is of the file compressed."""
    size = headers.get("content-length", "")
    return int(size) if size.isdigit() and not headers.get("content-encoding") else None


async def pieces(form: Multipart) -> AsyncIterator[bytes]:
    """The form for asyncio: files are read in threads."""
    import asyncio

    reading = iter(form)
    while (chunk := await asyncio.to_thread(next, reading, None)) is not None:
        yield chunk


def _beside(path: Path) -> Path:
    """Where a file is written before it is complete."""
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")


def _check_target(target: Any, on_progress: Any) -> None:
    if not isinstance(target, (str, os.PathLike)):
        if not hasattr(target, "write"):
            raise InvalidRequest(
                f"the target must be a path or a file open for writing bytes, not {type(target).__name__}"
            )
        if isinstance(target, io.TextIOBase):
            raise InvalidRequest("the target is open as text; open it in binary mode ('wb')")
    if on_progress is not None and not callable(on_progress):
        raise InvalidRequest(f"on_progress must be callable, not {on_progress!r}")


_READ = "a download can be read once, and this one has been; get it again"


class Download:
    """An answer that is a file. It is read once: by ``read``, ``save`` or by iterating over its chunks; then it is closed.

    ``content_type``  what it is; ``size`` its length in bytes, None where it was not said

    The time limit of the call bounds the wait for the answer to begin and that for each piece of it, not the whole: a
    large file may take its time as long as it comes. ``max_message_size`` does not count here.
    """

    def __init__(
        self, chunks: Iterator[bytes], close: Callable[[], object], *, content_type: str, size: int | None
    ) -> None:
        self._chunks: Iterator[bytes] | None = chunks
        self._close = close
        self.content_type = content_type
        self.size = size

    def __iter__(self) -> Iterator[bytes]:
        chunks, self._chunks = self._chunks, None
        if chunks is None:
            raise InvalidRequest(_READ)
        return self._reading(chunks)

    def _reading(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from chunks
        finally:
            self.close()

    def read(self, *, on_progress: Progress | None = None) -> bytes:
        """All of it, in memory."""
        held = io.BytesIO()
        self.save(held, on_progress=on_progress)
        return held.getvalue()

    def save(
        self, target: str | os.PathLike[str] | BinaryIO | IO[bytes], *, on_progress: Progress | None = None
    ) -> int:
        """Writes it to a path or an open file; returns how many bytes there were.

        A file that it makes itself is complete or not there: it is written beside its place and moved.
        """
        try:
            _check_target(target, on_progress)
            if not isinstance(target, (str, os.PathLike)):
                return self._write(target.write, on_progress)
            path = Path(target)
            beside = _beside(path)
            try:
                with beside.open("wb") as file:
                    count = self._write(file.write, on_progress)
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
            return count
        finally:
            self.close()

    def _write(self, write: Callable[[bytes], object], on_progress: Progress | None) -> int:
        count = 0
        for chunk in self:
            write(chunk)
            count += len(chunk)
            if on_progress is not None:
                on_progress(count, self.size)
        return count

    def close(self) -> None:
        """Lets go of the connection; harmless when repeated."""
        self._chunks = None
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncDownload:
    """The same as ``Download``, awaited."""

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        close: Callable[[], Awaitable[object]],
        *,
        content_type: str,
        size: int | None,
    ) -> None:
        self._chunks: AsyncGenerator[bytes, None] | None = chunks
        self._close = close
        self.content_type = content_type
        self.size = size

    def __aiter__(self) -> AsyncGenerator[bytes, None]:
        chunks, self._chunks = self._chunks, None
        if chunks is None:
            raise InvalidRequest(_READ)
        return self._reading(chunks)

    async def _reading(self, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in chunks:
                yield chunk
        finally:
            await chunks.aclose()
            await self.aclose()

    async def read(self, *, on_progress: Progress | None = None) -> bytes:
        """All of it, in memory."""
        held = io.BytesIO()
        await self.save(held, on_progress=on_progress)
        return held.getvalue()

    async def save(
        self, target: str | os.PathLike[str] | BinaryIO | IO[bytes], *, on_progress: Progress | None = None
    ) -> int:
        """Writes it to a path or an open file (also one whose ``write`` is awaited); returns how many bytes there were.

        A file that it makes itself is complete or not there: it is written beside its place and moved.
        """
        try:
            _check_target(target, on_progress)
            if not isinstance(target, (str, os.PathLike)):
                return await self._write(target.write, on_progress)
            import asyncio

            path = Path(target)
            beside = _beside(path)
            try:
                with beside.open("wb") as file:
                    count = await self._write(lambda chunk: asyncio.to_thread(file.write, chunk), on_progress)
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
            return count
        finally:
            await self.aclose()

    async def _write(self, write: Callable[[bytes], object], on_progress: Progress | None) -> int:
        count = 0
        async with aclosing(aiter(self)) as chunks:
            async for chunk in chunks:
                done = write(chunk)
                if isinstance(done, Awaitable):
                    await done
                count += len(chunk)
                if on_progress is not None:
                    on_progress(count, self.size)
        return count

    async def aclose(self) -> None:
        """Lets go of the connection; harmless when repeated."""
        self._chunks = None
        await self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
