"""What needs grpcio and protobuf says so where they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

__all__ = ["compiled", "needing_extra"]


@contextmanager
def needing_extra(name: str) -> Iterator[None]:
    """Raises ModuleNotFoundError naming the extra where the libraries of gRPC are missing for
    ``camunda_grpc.<name>``.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("grpc", "google"):
            raise
        text = f"camunda_grpc.{name} needs grpcio and protobuf: pip install 'camunda-bridge[grpc]'"
        raise ModuleNotFoundError(text, name=error.name) from error


def compiled(name: str) -> ModuleType:
    """A module of the compiled protocol."""
    with needing_extra(name):
        return import_module(f"camunda_grpc._generated.{name}")
