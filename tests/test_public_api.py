"""The public API is one list, docs/reference/index.md: the packages are held to it, and it to the packages."""

from __future__ import annotations

import inspect
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from tests.public import FRONTS, SHARED, directives, public


def named(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def of(module: str) -> set[str]:
    return {name.rpartition(".")[2] for name in public() if name.rpartition(".")[0] == module}


def test_no_name_is_listed_twice() -> None:
    assert len(public()) == len(set(public())) > 100


@pytest.mark.parametrize("name", public())
def test_every_listed_name_is_there_and_says_what_it_is(name: str) -> None:
    value = named(name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value), f"{name} has no docstring"


@pytest.mark.parametrize("package", FRONTS)
def test_a_package_exports_what_is_listed_and_nothing_else(package: str) -> None:
    assert set(import_module(package).__all__) == of(package)


@pytest.mark.parametrize("module", SHARED)
def test_a_public_module_exports_what_is_listed_and_what_our_packages_share(module: str) -> None:
    assert set(import_module(module).__all__) == of(module) | SHARED[module]
    assert not of(module) & SHARED[module]


def test_every_listed_name_is_of_a_package_that_is_held_to_the_list() -> None:
    assert {name.rpartition(".")[0] for name in public()} <= {*FRONTS, *SHARED}


def test_the_reference_shows_the_docstring_of_every_listed_name_and_of_no_other() -> None:
    generated = {name for name in public() if isinstance(named(name), ModuleType) and "_pb2" in name}
    assert len(generated) == 2
    shown = [name for name in directives() if name != "camunda_core.errors"]  # the tree, above its classes
    assert sorted(shown) == sorted(set(public()) - generated)
