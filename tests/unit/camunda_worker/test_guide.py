"""What docs/worker.md says of names, defaults and numbers is what the code has."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from camunda_core.errors import Unavailable
from camunda_worker import Router, Worker
from camunda_worker import _observer as observer
from camunda_worker._intake.polling import IN_AT_THE_LATEST, POLL_WAIT
from camunda_worker._logs import FIELDS
from camunda_worker.otel import OpenTelemetryObserver

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "worker.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table after a text, without its own heading."""
    table = GUIDE.split(heading, 1)[1].split("|---|", 1)[1].split("|\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]


def test_the_table_of_task_arguments_is_the_signature() -> None:
    parameters = inspect.signature(Router.task).parameters
    real = {name: each.default for name, each in parameters.items() if each.kind is each.KEYWORD_ONLY}
    said = {name.strip("`"): ast.literal_eval(default) for name, default, _ in rows("declares one.")}
    assert said == real


def test_every_argument_of_a_worker_is_spoken_of() -> None:
    parameters = inspect.signature(Worker).parameters
    names = [name for name, each in parameters.items() if each.kind is each.KEYWORD_ONLY]
    assert [name for name in names if not re.search(rf"\b{name}\b", GUIDE)] == []
    assert parameters["grace"].default == 10
    assert "`grace` (10 s)" in GUIDE
    assert parameters["permanent_after"].default == 60
    assert "`permanent_after` (60 s)" in GUIDE
    assert (POLL_WAIT, IN_AT_THE_LATEST) == (2.0, 3.0)
    assert "A poll waits 2 s, so 3 s are enough" in " ".join(GUIDE.split())


def test_the_table_of_metrics_names_all_of_them_and_their_attributes() -> None:
    said = {
        name: set(re.findall(r"`(\w+)`", attributes)) - {"job"}
        for names, _, attributes in rows("| metric ")
        for name in re.findall(r"`([\w.]+)`", names)
    }
    reader = InMemoryMetricReader()
    meters = MeterProvider(metric_readers=[reader])
    observing = OpenTelemetryObserver(meters)
    observing.activated("t", 1, "poll")
    observing.started("t", 0.0)
    for outcome in outcomes():
        observing.finished("t", outcome, 0.0)
    error = Unavailable("gone")
    observing.poll_failed("t", error)
    observing.stream_opened("t")
    observing.stream_ended("t", error)
    observing.answer_repeated("t", error)
    data = reader.get_metrics_data()
    assert data is not None
    (scope,) = data.resource_metrics[0].scope_metrics
    real: dict[str, set[str]] = {}
    for metric in scope.metrics:
        found = real.setdefault(metric.name.removeprefix("camunda.client.worker."), set())
        for point in metric.data.data_points:
            found.update(set(point.attributes or {}) - {"jobType"})
    meters.shutdown()
    assert set(said) == set(real)
    assert {name: found for name, found in real.items() if not found <= said[name]} == {}


def outcomes() -> set[str]:
    names = ("COMPLETED", "FAILED", "ERROR", "YIELDED", "EXPIRED", "LOST")
    return {getattr(observer, name) for name in names}


def test_the_outcomes_of_handled_jobs_are_those_that_the_guide_lists() -> None:
    said = re.search(r"`outcome` of `job\.handled`: ([a-z, ]+)", GUIDE)
    assert said is not None
    counted_apart = {observer.YIELDED, observer.EXPIRED}
    assert {word.strip() for word in said[1].split(",")} == outcomes() - counted_apart


def test_the_fields_of_a_record_are_those_that_the_guide_lists() -> None:
    said = re.search(r"The fields are (.*?)\. The filter", " ".join(GUIDE.split()))
    assert said is not None
    assert tuple(re.findall(r"`(\w+)`", said[1])) == FIELDS
