from __future__ import annotations

import functools
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import pydantic
import pytest

from camunda_core.errors import ConfigurationError
from camunda_core.jobs import ActivatedJob
from camunda_worker._data.parameters import NOTHING, Parameters, Unfitting, Variable, handler_name, is_async
from camunda_worker._job import Job

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal as OnlyForTheTypeChecker


@dataclass
class Order:
    order_id: Annotated[str, Variable("orderId")]
    amount: Decimal
    note: str = ""


class Address(TypedDict):
    street: str


class Customer(pydantic.BaseModel):
    name: str
    born: int = pydantic.Field(default=0, alias="bornIn")


def job(**variables: Any) -> Job:
    return Job(
        ActivatedJob(
            job_key="1",
            type="charge",
            element_id="Charge",
            process_definition_id="order",
            variables=variables,
        )
    )


def bound(handler: Any, **variables: Any) -> dict[str, Any]:
    return Parameters.of(handler).bind(job(**variables))


def fetched(handler: Any) -> tuple[str, ...]:
    return Parameters.of(handler).fetch_variables


def by_name(order_id: str, amount: Decimal, plain: Any, bare, note: str | None = "none given") -> None: ...  # type: ignore[no-untyped-def]


def test_parameters_are_variables_of_their_name_converted_to_their_type() -> None:
    assert bound(by_name, order_id="a", amount=1.10, plain=[1], bare=None, other=2) == {
        "order_id": "a",
        "amount": Decimal("1.1"),
        "plain": [1],
        "bare": None,
    }
    assert fetched(by_name) == ("order_id", "amount", "plain", "bare", "note")


def test_a_default_stands_in_for_a_variable_that_is_absent_and_not_for_one_that_is_null() -> None:
    def handler(note: str | None = "default", count: int = 3) -> None: ...

    assert bound(handler) == {}
    assert bound(handler, note=None) == {"note": None}
    with pytest.raises(
        Unfitting, match=r"^count: expected an integer, got null \(job of type 'charge' at element 'Charge'"
    ):
        bound(handler, count=None)


def test_a_variable_that_is_absent_is_named_with_its_element_and_the_way_out() -> None:
    with pytest.raises(Unfitting) as caught:
        bound(by_name, order_id="a")
    assert str(caught.value) == (
        "there is no variable 'amount' (job of type 'charge' at element 'Charge' of process 'order'): set it in the process, add "
        "an input mapping to the element, or give the handler's parameter 'amount' a default"
    )


def test_a_variable_that_does_not_fit_is_named_with_its_path_and_element() -> None:
    def handler(orders: list[Order]) -> None: ...

    with pytest.raises(Unfitting) as caught:
        bound(handler, orders=[{"orderId": "a", "amount": "much"}])
    assert str(caught.value) == (
        "orders[0].amount: expected a decimal number, as a number or as text, got 'much' (str) (job of type 'charge' at element "
        "'Charge' of process 'order')"
    )


def test_a_parameter_may_have_another_name_in_the_process() -> None:
    def handler(
        order_id: Annotated[int, Variable("orderId")], job: Annotated[str, Variable("job")]
    ) -> None: ...

    assert fetched(handler) == ("orderId", "job")
    assert bound(handler, orderId=5, job="a variable") == {"order_id": 5, "job": "a variable"}
    with pytest.raises(Unfitting, match=r"^orderId: expected an integer"):
        bound(handler, orderId="x", job="")


def test_the_job_goes_to_the_parameter_that_is_annotated_so_or_named_so() -> None:
    def annotated(x: int, it: Job) -> None: ...
    def named(job) -> None: ...  # type: ignore[no-untyped-def]
    def optional(it: Job | None = None) -> None: ...
    def variable(job: dict[str, int]) -> None: ...

    activated = job(x=1)
    assert Parameters.of(annotated).bind(activated) == {"x": 1, "it": activated}
    assert Parameters.of(named).bind(activated) == {"job": activated}
    assert Parameters.of(optional).bind(activated) == {"it": activated}
    assert bound(variable, job={"a": 1}) == {"job": {"a": 1}}
    assert fetched(annotated) == ("x",)
    assert fetched(variable) == ("job",)


def test_only_one_parameter_can_be_the_job() -> None:
    def handler(it: Job, job) -> None: ...  # type: ignore[no-untyped-def]

    with pytest.raises(ConfigurationError, match="both 'it' and 'job' ask for the job"):
        Parameters.of(handler)


def test_all_variables_come_when_it_cannot_be_told_which_are_read() -> None:
    def job_alone(job: Job) -> None: ...
    def rest(x: int, **others: Any) -> None: ...
    def everything(variables: dict[str, Any]) -> None: ...

    assert fetched(job_alone) == fetched(rest) == fetched(everything) == ()


def test_a_handler_without_variables_asks_for_none() -> None:
    def nothing() -> None: ...

    assert fetched(nothing) == NOTHING
    assert bound(nothing, x=1) == {}


def test_variables_takes_all_of_them_as_they_are() -> None:
    def bare(variables) -> None: ...  # type: ignore[no-untyped-def]
    def mapping(variables: dict[str, Any], x: int) -> None: ...
    def of_numbers(variables: dict[str, float]) -> None: ...

    assert bound(bare, a=1) == {"variables": {"a": 1}}
    assert bound(mapping, x=1.0) == {"variables": {"x": 1.0}, "x": 1}
    assert bound(of_numbers, x=1) == {"variables": {"x": 1.0}}
    with pytest.raises(Unfitting, match=r"^x: expected a number, got 'a' \(str\) \(job"):
        bound(of_numbers, x="a")


def test_variables_takes_a_record_whose_fields_are_asked_for() -> None:
    def dataclassed(variables: Order, note: str = "", extra: int = 0) -> None: ...
    def typed(variables: Address) -> None: ...
    def model(variables: Customer) -> None: ...

    assert fetched(dataclassed) == ("orderId", "amount", "note", "extra")
    assert bound(dataclassed, orderId="a", amount=1, other=2) == {"variables": Order("a", Decimal(1))}
    assert fetched(typed) == ("street",)
    assert bound(typed, street="Elm", other=1) == {"variables": {"street": "Elm"}}
    assert fetched(model) == ("name", "bornIn")
    assert bound(model, name="Ada", bornIn=1815)["variables"].born == 1815
    with pytest.raises(Unfitting, match=r"^amount: is missing, and has no default \(job of type 'charge'"):
        bound(dataclassed, orderId="a")


def test_variables_that_cannot_be_all_variables_is_refused_with_the_way_out() -> None:
    def handler(variables: list[int]) -> None: ...
    def meant(variables: Annotated[list[int], Variable("variables")]) -> None: ...

    with pytest.raises(ConfigurationError, match=r'Annotated\[..., Variable\("variables"\)\]'):
        Parameters.of(handler)
    assert bound(meant, variables=[1]) == {"variables": [1]}


def test_the_rest_is_every_variable_that_no_parameter_takes() -> None:
    def handler(order_id: Annotated[str, Variable("orderId")], job: Job, **others: Any) -> None: ...

    activated = job(orderId="a", x=1, others=[2])
    assert Parameters.of(handler).bind(activated) == {
        "order_id": "a",
        "job": activated,
        "x": 1,
        "others": [2],
    }


@pytest.mark.parametrize("name", ["order_id", "job"])
def test_a_variable_in_the_rest_that_has_a_parameters_name_is_not_dropped_silently(name: str) -> None:
    def handler(job: Job, order_id: Annotated[str, Variable("orderId")] = "", **others: Any) -> None: ...

    with pytest.raises(
        Unfitting, match=f"the variable '{name}' collides with the handler's parameter of this name"
    ):
        bound(handler, **{"orderId": "a", name: "b"})
    with pytest.raises(Unfitting, match="collides"):
        bound(handler, **{name: "b"})


def test_parameters_that_cannot_be_named_are_refused_with_the_way_out() -> None:
    def positional(x: int, /) -> None: ...
    def many(*items: int) -> None: ...
    def complex_one(x: complex) -> None: ...

    with pytest.raises(
        ConfigurationError, match=r"positional: parameter 'x' is positional-only.*remove the '/'"
    ):
        Parameters.of(positional)
    with pytest.raises(ConfigurationError, match=r"many: \*items stands for nothing.*use \*\*items"):
        Parameters.of(many)
    with pytest.raises(
        ConfigurationError, match="complex_one: parameter 'x': complex cannot be made from JSON"
    ):
        Parameters.of(complex_one)


def test_generators_are_refused() -> None:
    def generator():  # type: ignore[no-untyped-def]
        yield 1

    async def asynchronous():  # type: ignore[no-untyped-def]
        yield 1

    for each in (generator, asynchronous):
        with pytest.raises(ConfigurationError, match="cannot `yield`"):
            Parameters.of(each)


def test_a_name_that_only_the_type_checker_knows_is_explained_and_a_result_may_have_one() -> None:
    def handler(amount: OnlyForTheTypeChecker) -> None: ...
    def returning(amount: int) -> Mapping[str, OnlyForTheTypeChecker]: ...  # type: ignore[empty-body]

    with pytest.raises(
        ConfigurationError, match=r"handler: the annotations of .* speak of 'OnlyForTheTypeChecker'"
    ):
        Parameters.of(handler)
    assert bound(returning, amount=1) == {"amount": 1}


class Service:
    async def method(self, x: int) -> None: ...
    async def __call__(self, y: Decimal) -> None: ...
    @classmethod
    def of_class(cls, z: int) -> None: ...


def outer(client: SimpleNamespace, x: int, *, region: complex = 0j) -> None: ...


@pytest.mark.parametrize(
    ("handler", "name", "typed"),
    [
        (Service().method, "x", 1),
        (Service(), "y", Decimal(1)),
        (Service.of_class, "z", 1),
        (functools.partial(outer, SimpleNamespace(), region=1j), "x", 1),
        (functools.partial(functools.partial(outer, region=1j), client=SimpleNamespace()), "x", 1),
    ],
)
def test_methods_objects_and_partials_are_handlers_too(handler: Any, name: str, typed: Any) -> None:
    assert fetched(handler) == (name,)
    assert bound(handler, **{name: 1.0}) == {name: typed}


def test_a_decorated_handler_is_called_by_the_signature_it_shows() -> None:
    def shouting(handler: Any) -> Any:
        @functools.wraps(handler)
        def wrapped(**arguments: Any) -> Any:
            return handler(**arguments)

        return wrapped

    @shouting
    def handler(x: Decimal) -> Decimal:
        return x

    assert handler(**bound(handler, x=1.5)) == Decimal("1.5")


def test_coroutine_functions_are_told_from_plain_ones() -> None:
    async def asynchronous(x: int) -> None: ...
    def plain() -> None: ...

    assert is_async(asynchronous)
    assert is_async(functools.partial(asynchronous, x=1))
    assert is_async(Service())
    assert is_async(Service().method)
    assert not is_async(plain)
    assert not is_async(functools.partial(plain))
    assert not is_async(Service.of_class)


def test_handlers_are_named_for_people() -> None:
    assert handler_name(functools.partial(outer)) == f"{__name__}.outer"
    assert handler_name(Service()) == f"{__name__}.Service"
    assert handler_name(Service().method) == f"{__name__}.Service.method"
