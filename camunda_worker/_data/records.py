"""The classes that stand for JSON objects (dataclasses, TypedDict, NamedTuple, pydantic models) and
the names of their fields.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from camunda_core.errors import ConfigurationError

__all__ = [
    "WRAPPERS",
    "Field",
    "Variable",
    "attributes",
    "bindings",
    "fields",
    "is_model",
    "is_record",
    "record_names",
    "substitute",
    "type_hints",
]

#: What may stand around a field's type; known by name, because older Pythons have them elsewhere.
WRAPPERS = ("Required", "NotRequired", "ReadOnly", "Final")


@dataclasses.dataclass(frozen=True)
class Variable:
    """Another name in the process: ``order_id: Annotated[str, Variable("orderId")]``, of a
    parameter or a record's field.
    """

    name: str

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ConfigurationError(f"Variable takes the name of a process variable, not {self.name!r}")


class Field(NamedTuple):
    """``key`` is the name in the JSON object."""

    name: str
    key: str
    hint: Any
    required: bool


def type_hints(annotated: Any) -> dict[str, Any]:
    """The annotations of a class or function, resolved.

    Raises ConfigurationError naming what does not exist at run time.
    """
    name = getattr(annotated, "__qualname__", repr(annotated))
    try:
        return typing.get_type_hints(annotated, include_extras=True)
    except NameError as error:
        raise ConfigurationError(
            f"the annotations of {name} speak of {error.name!r}, which does not exist when the program runs: define or import it "
            "at the top of the module, outside of `if TYPE_CHECKING:`"
        ) from None
    except Exception as error:
        raise ConfigurationError(f"the annotations of {name} cannot be evaluated: {error}") from error


def record_names(hint: Any) -> tuple[str, ...] | None:
    """The keys that a record's class takes out of an object; None when it may take any. Raises
    TypeError when it is no record.
    """
    cls = typing.get_origin(hint) or hint
    if is_model(cls):
        return _model_names(cls)
    if not is_record(cls):
        raise TypeError(f"{hint!r} is no record")
    return tuple(field.key for field in fields(cls))


def is_model(cls: Any) -> bool:
    """Whether this is a pydantic model's class, of version 1 or 2."""
    return isinstance(cls, type) and (
        (hasattr(cls, "model_validate") and hasattr(cls, "model_fields"))
        or (hasattr(cls, "parse_obj") and hasattr(cls, "__fields__"))
    )


def attributes(cls: type) -> list[tuple[str, str]]:
    """The attributes of a dataclass or NamedTuple and the keys they have in the process."""
    fields: dict[str, Any] = {}
    if dataclasses.is_dataclass(cls):
        fields = {field.name: field.type for field in dataclasses.fields(cls)}
    else:
        fields = dict.fromkeys(cls._fields)  # type: ignore[attr-defined]
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except Exception:
        # Annotations matter here for ``Variable`` alone; a result may be of a class whose other
        # names are not there.
        if any("Variable(" in str(hint) for hint in fields.values()):
            type_hints(cls)
        hints = {}
    return [(name, _key(name, hints.get(name))) for name in fields]


def _model_names(cls: Any) -> tuple[str, ...] | None:
    config = getattr(cls, "model_config", None) or vars(getattr(cls, "__config__", object))
    if config.get("extra") == "allow":
        return None
    names: list[str] = []
    by_name = any(
        config.get(each)
        for each in ("populate_by_name", "validate_by_name", "allow_population_by_field_name")
    )
    for name, field in (getattr(cls, "model_fields", None) or cls.__fields__).items():
        alias = getattr(field, "validation_alias", None) or getattr(field, "alias", None) or name
        if not isinstance(alias, str):
            return None  # one of several, or a place further down
        names += [alias, name] if by_name and alias != name else [alias]
    return tuple(names)


def is_record(cls: Any) -> bool:
    """Whether this is a dataclass, a NamedTuple or a TypedDict."""
    return isinstance(cls, type) and (
        dataclasses.is_dataclass(cls)
        or (issubclass(cls, tuple) and hasattr(cls, "_fields"))
        or (issubclass(cls, dict) and hasattr(cls, "__required_keys__"))
    )


def fields(cls: Any) -> Iterable[Field]:
    """The fields that a record is made of. Raises ConfigurationError."""
    hints = type_hints(cls)
    if dataclasses.is_dataclass(cls):
        for name, field in cls.__dataclass_fields__.items():
            hint = hints.get(name, Any)
            if isinstance(hint, dataclasses.InitVar):
                hint = hint.type
            elif not field.init or typing.get_origin(hint) is typing.ClassVar or hint is typing.ClassVar:
                continue
            required = field.default is field.default_factory is dataclasses.MISSING
            yield Field(name, _key(name, hint), hint, required)
    elif issubclass(cls, tuple):
        for name in cls._fields:
            hint = hints.get(name, Any)
            yield Field(name, _key(name, hint), hint, name not in cls._field_defaults)
    else:
        for name, hint in hints.items():
            # With annotations as text the class itself cannot tell which of its keys are wrapped.
            wrapper = _wrapper(hint)
            required = wrapper == "Required" or (wrapper != "NotRequired" and name in cls.__required_keys__)
            yield Field(name, _key(name, hint), hint, required)


def _wrapper(hint: Any) -> str | None:
    while (origin := typing.get_origin(hint)) is not None:
        name = getattr(origin, "_name", None)
        if name in ("Required", "NotRequired"):
            return str(name)
        if name != "ReadOnly" and origin is not typing.Annotated:
            return None
        hint = typing.get_args(hint)[0]
    return None


def _key(name: str, hint: Any) -> str:
    while getattr(typing.get_origin(hint), "_name", None) in WRAPPERS:
        hint = typing.get_args(hint)[0]
    for each in getattr(hint, "__metadata__", ()):
        if isinstance(each, Variable):
            return each.name
    return name


def bindings(cls: Any, arguments: tuple[Any, ...]) -> dict[Any, Any]:
    """What the type variables of a generic record and of its bases stand for."""
    bound: dict[Any, Any] = dict(zip(getattr(cls, "__parameters__", ()), arguments, strict=False))
    for base in getattr(cls, "__orig_bases__", ()):
        origin = typing.get_origin(base)
        if isinstance(origin, type):
            bound.update(bindings(origin, tuple(substitute(each, bound) for each in typing.get_args(base))))
    return bound


def substitute(hint: Any, bound: Mapping[Any, Any]) -> Any:
    """``hint`` with its type variables replaced."""
    if not bound:
        return hint
    if isinstance(hint, typing.TypeVar):
        return bound.get(hint, hint)
    free = getattr(hint, "__parameters__", ()) if typing.get_origin(hint) is not None else ()
    return hint[tuple(bound.get(each, each) for each in free)] if free else hint
