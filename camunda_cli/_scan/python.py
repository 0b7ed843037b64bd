"""Calls in Python sources, by their syntax tree: stubs of any build, pyzeebe, and our own clients.

What a name stands for is followed through imports, assignments, ``with``, annotations and attributes of ``self``, in the
whole file; a variable that holds a bound method counts as that method. What cannot be followed is taken by its name where
that is one of the protocol's and nothing else's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge._table.mapping import ROWS
from camunda_cli._scan.fate import Call
from camunda_cli._scan.names import ACTIVATE, PYZEEBE, SNAKE, STREAM, fields_of

__all__ = ["MARKS", "calls_in"]

#: A source without any of these has nothing to do with the gateway.
MARKS = ("zeebe", "Zeebe", "gateway_pb2", "GatewayStub", "camunda", "bridge", *ROWS)

#: Kinds of objects, by the last name of what makes them and where that comes from.
_STUB, _PYZEEBE, _OURS, _WORKER, _CHANNEL = "stub", "pyzeebe", "camunda-bridge", "pyzeebe worker", "channel"
_MAKERS = {
    ("GatewayStub", ""): _STUB,
    ("ZeebeClient", "pyzeebe"): _PYZEEBE,
    ("SyncZeebeClient", "pyzeebe"): _PYZEEBE,
    ("ZeebeAdapter", "pyzeebe"): _PYZEEBE,
    ("ZeebeWorker", "pyzeebe"): _WORKER,
    ("ZeebeTaskRouter", "pyzeebe"): _WORKER,
    ("Client", "bridge"): _OURS,
    ("AsyncClient", "bridge"): _OURS,
    ("RestClient", "camunda_rest"): _OURS,
    ("AsyncRestClient", "camunda_rest"): _OURS,
    ("Worker", "camunda_worker"): "camunda-bridge worker",
    ("Router", "camunda_worker"): "camunda-bridge worker",
}
_METHODS = {_STUB: dict.fromkeys(()), _PYZEEBE: PYZEEBE, _OURS: SNAKE}
#: A method of this name is nobody else's; ``Topology`` may be.
_TELLING = frozenset(ROWS) - {"Topology"}
_LIKELY = frozenset({"zeebe", "zeebe_client", "zeebe_adapter", "zeebeclient", "zb", "zbc"})
_PYZEEBE_ARGUMENTS = {
    "ttl": "timeToLive",
    "time_to_live_in_milliseconds": "timeToLive",
    "resource_file_path": "resources",
}


@dataclass
class _Names:
    """What the names of a file stand for."""

    modules: dict[str, str] = field(default_factory=dict)  # name → module, or module.object
    kinds: dict[str, str] = field(default_factory=dict)  # dotted expression → kind
    bound: dict[str, tuple[str, str]] = field(default_factory=dict)  # name → (library, RPC) of a bound method
    requests: dict[str, ast.Call] = field(default_factory=dict)  # name → the request that was made


def calls_in(source: str, path: str) -> Iterator[Call]:
    """Every call. Raises SyntaxError, ValueError or RecursionError for what is no Python."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    names = _Names()
    for node in nodes:
        _import(node, names)
    for _ in range(3):  # a name may be made of one that stands further down
        before = len(names.kinds) + len(names.bound)
        for node in nodes:
            _assign(node, names)
        if len(names.kinds) + len(names.bound) == before:
            break
    known = _knows(names)
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from _call(node, names, path, known)


def _knows(names: _Names) -> bool:
    """Whether the file itself says what it has to do with."""
    words = ("zeebe", "gateway_pb2", "camunda", "bridge")
    return any(word in module.lower() for module in names.modules.values() for word in words)


def _import(node: ast.AST, names: _Names) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            names.modules[alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            names.modules[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"


def _assign(node: ast.AST, names: _Names) -> None:
    pairs: list[tuple[ast.expr, ast.expr | None]] = []
    if isinstance(node, ast.Assign):
        pairs = [(target, node.value) for target in node.targets]
    elif isinstance(node, ast.AnnAssign):
        _annotated(node.target, node.annotation, names)
        pairs = [(node.target, node.value)]
    elif isinstance(node, ast.NamedExpr):
        pairs = [(node.target, node.value)]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        pairs = [
            (each.optional_vars, each.context_expr) for each in node.items if each.optional_vars is not None
        ]
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if argument.annotation is not None:
                _annotated(ast.Name(argument.arg), argument.annotation, names)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and inner.value is not None:
                kind = _kind(inner.value, names)
                if kind:
                    names.kinds.setdefault(f"{node.name}()", kind)
    for target, value in pairs:
        key = _dotted(target)
        if not key or value is None:
            continue
        kind = _kind(value, names)
        if kind:
            names.kinds[key] = kind
        method = _method(value, names)
        if method is not None:
            names.bound[key] = method
        made = value.value if isinstance(value, ast.Await) else value
        if isinstance(made, ast.Call) and _last(made.func).endswith("Request"):
            names.requests[key] = made


def _annotated(target: ast.expr, annotation: ast.expr, names: _Names) -> None:
    key = _dotted(target)
    for each in ast.walk(annotation):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            kind = _maker(each.value.strip().rpartition(".")[2], "", names, each.value)
        elif isinstance(each, (ast.Name, ast.Attribute)):
            kind = _maker(_last(each), _origin(each, names), names, _dotted(each))
        else:
            continue
        if kind and key:
            names.kinds.setdefault(key, kind)


def _maker(name: str, origin: str, names: _Names, text: str) -> str:
    for (made, module), kind in _MAKERS.items():
        if made != name:
            continue
        if not module or (origin and origin.partition(".")[0].startswith(module)):
            return kind
        if not origin and module == "pyzeebe":
            return kind
    return ""


def _kind(value: ast.expr, names: _Names) -> str:
    if isinstance(value, ast.Await):
        return _kind(value.value, names)
    if isinstance(value, ast.IfExp):
        return _kind(value.body, names) or _kind(value.orelse, names)
    if isinstance(value, ast.BoolOp):
        return next((kind for each in value.values if (kind := _kind(each, names))), "")
    if isinstance(value, ast.Call):
        known = _maker(_imported(value.func, names), _origin(value.func, names), names, _dotted(value.func))
        if known:
            return known
        if _last(value.func) in ("from_env", "enter_async_context", "enter_context"):
            inner = value.func.value if isinstance(value.func, ast.Attribute) else None
            if _last(value.func) == "from_env" and inner is not None:
                return _maker(_imported(inner, names), _origin(inner, names), names, "")
            return _kind(value.args[0], names) if value.args else ""
        return names.kinds.get(f"{_last(value.func)}()", "")
    key = _dotted(value)
    return names.kinds.get(key, "") if key else ""


def _imported(node: ast.expr, names: _Names) -> str:
    """The name that something has where it comes from."""
    if isinstance(node, ast.Name) and node.id in names.modules:
        return names.modules[node.id].rpartition(".")[2]
    return _last(node)


def _origin(node: ast.expr, names: _Names) -> str:
    """The module that an expression's first name comes from; "" is not known."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return names.modules.get(node.id, "") if isinstance(node, ast.Name) else ""


def _method(value: ast.expr, names: _Names) -> tuple[str, str] | None:
    """The library and the RPC of a bound method."""
    if isinstance(value, ast.Call) and _last(value.func) == "partial" and value.args:
        return _method(value.args[0], names)
    if isinstance(value, ast.Call) and _last(value.func) == "getattr" and len(value.args) >= 2:
        asked = value.args[1]
        kind = _kind(value.args[0], names)
        if kind and isinstance(asked, ast.Constant) and isinstance(asked.value, str):
            rpc = _rpc(kind, asked.value)
            return (kind, rpc) if rpc else None
        return None
    if isinstance(value, ast.Attribute):
        kind = _kind(value.value, names)
        rpc = _rpc(kind, value.attr) if kind else ""
        return (kind, rpc) if rpc else None
    key = _dotted(value)
    return names.bound.get(key) if key else None


def _rpc(kind: str, name: str) -> str:
    if kind == _STUB:
        return name if name in ROWS else ""
    return str(_METHODS.get(kind, {}).get(name, "") or "")


def _call(node: ast.Call, names: _Names, path: str, known: bool) -> Iterator[Call]:
    function = node.func

    def found(rpc: str, library: str, sure: bool = True, fields: tuple[str, ...] | None = None) -> Call:
        given = _fields(node, rpc, names) if fields is None and rpc else fields or ()
        return Call(path, node.lineno, node.col_offset + 1, rpc, "python", library, given, sure)

    if isinstance(function, ast.Call):
        # getattr(stub, name)(…): said at the inner call where the name is not known
        inner = _method(function, names)
        if inner is not None:
            yield found(inner[1], inner[0])
        return
    if _last(function) == "getattr" and isinstance(function, ast.Name) and len(node.args) >= 2:
        kind = _kind(node.args[0], names)
        if kind in (_STUB, _PYZEEBE, _OURS) and not isinstance(node.args[1], ast.Constant):
            yield found("", kind)
        return
    if isinstance(function, ast.Name):
        bound = names.bound.get(function.id)
        if bound is not None:
            yield found(bound[1], bound[0])
        return
    if not isinstance(function, ast.Attribute):
        return
    name = function.attr
    outer = _rpc_of_with_call(function, names)
    if outer is not None:
        yield found(outer[1], outer[0])
        return
    receiver = _dotted(function.value)
    if f"{receiver}.{name}" in names.bound:
        library, rpc = names.bound[f"{receiver}.{name}"]
        yield found(rpc, library)
        return
    kind = _kind(function.value, names)
    if kind:
        if kind in (_WORKER, "camunda-bridge worker"):
            if name == "task":
                yield found(ACTIVATE, kind, fields=_fields(node, ACTIVATE, names))
                if any(each.arg == "stream" and _true(each.value) for each in node.keywords):
                    yield found(STREAM, kind, fields=())
            return
        rpc = _rpc(kind, name)
        if rpc:
            yield found(rpc, kind)
        return
    if name in _TELLING or (name == "Topology" and _takes_request(node, "Topology", names)):
        if _requests_of(node, names) or known or _last(function.value).lower().endswith("stub"):
            yield found(name, _STUB, _takes_request(node, name, names))
        return
    if _last(function.value).lower().lstrip("_") in _LIKELY and name in PYZEEBE:
        yield found(PYZEEBE[name], _PYZEEBE, False)


def _rpc_of_with_call(function: ast.Attribute, names: _Names) -> tuple[str, str] | None:
    """Of ``stub.CompleteJob.with_call(…)`` and ``.future(…)``: the RPC."""
    if function.attr not in ("with_call", "future"):
        return None
    method = _method(function.value, names)
    if method is None and isinstance(function.value, ast.Attribute) and function.value.attr in _TELLING:
        return _STUB, function.value.attr
    return method


def _requests_of(node: ast.Call, names: _Names) -> list[ast.Call]:
    """The requests among the arguments of a call, made there or before."""
    made = []
    for each in (*node.args, *(keyword.value for keyword in node.keywords)):
        if isinstance(each, ast.Call) and _last(each.func).endswith("Request"):
            made.append(each)
        elif (key := _dotted(each)) and key in names.requests:
            made.append(names.requests[key])
    return made


def _takes_request(node: ast.Call, rpc: str, names: _Names) -> bool:
    return any(_last(each.func) == f"{rpc}Request" for each in _requests_of(node, names))


def _fields(node: ast.Call, rpc: str, names: _Names) -> tuple[str, ...]:
    known = fields_of(rpc)
    given: dict[str, None] = {}
    pending = _requests_of(node, names)
    keywords = list(node.keywords)
    while pending:
        request = pending.pop()
        keywords += request.keywords
        pending += _requests_of(request, names)
    for keyword in keywords:
        if keyword.arg is None or (isinstance(keyword.value, ast.Constant) and keyword.value.value is None):
            continue
        name = _PYZEEBE_ARGUMENTS.get(keyword.arg, keyword.arg)
        field_name = known.get(name.replace("_", "").lower())
        if field_name:
            given[field_name] = None
    return tuple(given)


def _true(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and not node.value)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.expr) -> str:
    """``self.stub`` of such an expression; "" of any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((node.id, *reversed(parts)))
