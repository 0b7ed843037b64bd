"""What stands in for workers, decisions and called processes in a test, inside of the gateway."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from xml.sax.saxutils import escape

from camunda_core._arguments import shown
from camunda_core.errors import CamundaError, InvalidRequest
from camunda_embedded._clock import Clock
from camunda_embedded._documents import loads
from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.files import read_files
from camunda_embedded._engine.state import Job
from camunda_embedded._spans import Span, span_of

__all__ = ["MOCKED", "MockWorker", "MockedJob", "Rehearsing", "mocked_decision", "mocked_process"]

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z_][\w.-]*")
#: The namespace of processes that stand in for others.
MOCKED = "http://camunda-bridge/mock"
_LOCK = 300_000  # ms; nothing comes between the job and its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class MockedJob:
    """A job that a mock worker was given."""

    key: int
    type: str
    element_id: str
    process_id: str
    process_instance_key: int
    retries: int
    variables: Mapping[str, Any]
    headers: Mapping[str, str]


#: What a mock worker completes its jobs with: variables, or what makes them of the job.
Result: TypeAlias = "Mapping[str, Any] | Callable[[MockedJob], Mapping[str, Any] | None] | None"


class MockWorker:
    """Answers every job of a type, from its creation on, until ``stop`` is called or the gateway ends.

    ``jobs``  those that it was given so far, the oldest first
    """

    worker = "mock"
    timeout = _LOCK
    fetch: Sequence[str] = ()

    def __init__(
        self, engines: Sequence[Engine], type_: str, answer: Callable[[Engine, MockedJob], None]
    ) -> None:
        self.type = type_
        self.jobs: list[MockedJob] = []
        self.pending = 0
        self._engines = engines
        self._answer = answer
        self._removes: list[Callable[[], None]] = []
        self._run: Callable[[Callable[[], None]], None] = lambda work: work()

    @property
    def count(self) -> int:
        """How many jobs it was given."""
        return len(self.jobs)

    def stop(self) -> None:
        """Takes no more jobs; they wait for somebody else."""
        self._run(self._stop)

    def _stop(self) -> None:
        while self._removes:
            self._removes.pop()()

    def _start(self, run: Callable[[Callable[[], None]], None]) -> None:
        """In the gateway's thread: takes what waits already, and what comes from now on."""
        self._run = run
        self._removes = [engine.jobs.add_stream(self) for engine in self._engines]
        for engine in self._engines:
            while engine.jobs.waiting(self.type):
                found = engine.jobs.activate(self.type, self.worker, self.timeout, 100, self.fetch)
                for job, variables in found:
                    self.push(job, variables)
                if not found:
                    break

    # What the engine asks of a stream of jobs.

    def ready(self) -> bool:
        """Always."""
        return True

    def push(self, job: Job, variables: dict[str, Any]) -> None:
        """Takes a job, and answers it when the engine has done what it is at."""
        taken = MockedJob(
            key=job.key,
            type=job.type,
            element_id=job.instance.element.id,
            process_id=job.instance.root.element.id,
            process_instance_key=job.instance.root.key,
            retries=job.retries,
            variables=variables,
            headers=job.headers,
        )
        self.jobs.append(taken)
        self.pending += 1
        asyncio.get_running_loop().call_soon(self._work, taken)

    def _work(self, job: MockedJob) -> None:
        owner = self._engines[0].kernel.owner(job.key)
        engine = next(each for each in self._engines if each.kernel.tenant == owner)
        try:
            self._answer(engine, job)
        except CamundaError:
            if job.key in engine.jobs.all:  # else it is gone with its instance meanwhile
                raise
        finally:
            self.pending -= 1


def _completing(result: Result) -> Callable[[Engine, MockedJob], None]:
    def answer(engine: Engine, job: MockedJob) -> None:
        try:
            variables = document(result(job) if callable(result) else result, "result")
        except Exception as error:
            _failing(error)(engine, job)
        else:
            engine.answers.complete(job.key, variables)

    return answer


def _failing(error: BaseException) -> Callable[[Engine, MockedJob], None]:
    text = f"{type(error).__name__}: {error}"
    return lambda engine, job: engine.answers.fail(job.key, max(job.retries - 1, 0), text, 0, {})


def document(variables: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """Variables as the wire would bring them; InvalidRequest where they are no JSON object."""
    if variables is not None and not isinstance(variables, Mapping):
        raise InvalidRequest(f"{name} must be a mapping of variables, not {shown(variables)}")
    return loads(_json(dict(variables or {}), name))


def _json(value: object, name: str) -> str:
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"{name} cannot be written as JSON: {error}") from error


def _identifier(value: object, name: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InvalidRequest(f"{name} must be an id as models write them, not {shown(value)}")
    return value


def _decision(id_: str, output: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{id_}-mock" name="{id_}" namespace="mock">
  <decision id="{id_}" name="{id_}">
    <variable id="{id_}-variable" name="{id_}" />
    <literalExpression id="{id_}-literal"><text>{escape(output)}</text></literalExpression>
  </decision>
</definitions>
"""


def _process(id_: str, variables: Mapping[str, str]) -> str:
    outputs = "".join(
        f'<zeebe:output source="{escape("=" + value, {chr(34): "&quot;", chr(10): "&#10;"})}" target="{name}" />'
        for name, value in variables.items()
    )
    mapping = (
        f"<extensionElements><zeebe:ioMapping>{outputs}</zeebe:ioMapping></extensionElements>"
        if outputs
        else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
             id="mock" targetNamespace="{MOCKED}">
  <process id="{id_}" isExecutable="true">
    <startEvent id="mock-start">{mapping}</startEvent>
    <sequenceFlow id="mock-flow" sourceRef="mock-start" targetRef="mock-end" />
    <endEvent id="mock-end" />
  </process>
</definitions>
"""


def mocked_decision(decision_id: str, output: object) -> tuple[str, str]:
    """Name and text of a file with a decision that always says ``output``."""
    name, text = _identifier(decision_id, "decision_id"), _json(output, "output")
    return f"{name}-mock.dmn", _decision(name, text)


def mocked_process(process_id: str, variables: Mapping[str, Any] | None) -> tuple[str, str]:
    """Name and text of a file with a process that ends at once with ``variables``."""
    name = _identifier(process_id, "process_id")
    values = {
        _identifier(n, "variables"): _json(v, f"variables[{n!r}]") for n, v in (variables or {}).items()
    }
    return f"{name}-mock.bpmn", _process(name, values)


class Rehearsing:
    """The side of the gateway that tests use: what stands in for others, and time."""

    clock: Clock
    _mocks: list[MockWorker]

    def run(self, work: Callable[[], T]) -> T:
        """Calls ``work`` in the gateway's thread."""
        raise NotImplementedError

    def settle(self, timeout: float = 60.0) -> None:
        """Waits until everything that follows from the calls so far is done."""
        raise NotImplementedError

    def _known_engines(self) -> Sequence[Engine]:
        """One for each tenant, the default tenant's first; they have one log."""
        raise NotImplementedError

    def advance(self, span: Span) -> None:
        """Moves the clock forward, such as by ``"3d"``, ``"2h30m"``, ``"P1M"``, seconds or a timedelta.

        When it returns, everything that fell due has happened, and mock workers have answered.

        Raises:
            InvalidRequest: a ValueError; it is no length of time.
        """
        period = span_of(span, "span")
        self.settle()  # what mock workers have in hand is answered in time
        now = self.clock.now()
        self.clock.advance((period.after(now) - now) / 1000)
        self.settle()

    def mock_worker(
        self,
        job_type: str,
        *,
        result: Result = None,
        error: str | None = None,
        raises: BaseException | None = None,
        message: str = "",
        variables: Mapping[str, Any] | None = None,
    ) -> MockWorker:
        """Answers the jobs of a type inside of the gateway, at once, instead of a worker.

        ``result``   completes them with these variables, or with those that a function makes of the ``MockedJob``
        ``error``    throws a BPMN error of this code, with ``message`` and ``variables``
        ``raises``   fails them as a worker does whose handler raises this: one retry less each time

        Raises:
            InvalidRequest: a ValueError; more than one of the three, or something that cannot be sent.
        """
        if not isinstance(job_type, str) or not job_type:
            raise InvalidRequest(f"job_type must be the type of the jobs, not {shown(job_type)}")
        given = [n for n, v in (("result", result), ("error", error), ("raises", raises)) if v is not None]
        if len(given) > 1:
            raise InvalidRequest(f"give one of {' and '.join(given)}: a job has one answer")
        if variables is not None and error is None:
            raise InvalidRequest("variables go with error; what completes a job is its result")
        if error is not None:
            if not isinstance(error, str) or not error:
                raise InvalidRequest(f"error must be the code of a BPMN error, not {shown(error)}")
            code, thrown = error, document(variables, "variables")
            answer: Callable[[Engine, MockedJob], None]
            answer = lambda engine, job: engine.answers.throw_error(job.key, code, message, thrown)  # noqa: E731
        elif raises is not None:
            if not isinstance(raises, BaseException):
                raise InvalidRequest(f"raises must be an exception, not {shown(raises)}")
            answer = _failing(raises)
        else:
            if not callable(result):
                document(result, "result")
            answer = _completing(result)
        mock = MockWorker(self._known_engines(), job_type, answer)
        self._mocks.append(mock)
        self.run(lambda: mock._start(self.run))
        self.settle()
        return mock

    def mock_decision(self, decision_id: str, output: object) -> None:
        """Deploys a decision of that id that always says ``output``, as its newest version.

        Raises:
            InvalidRequest: a ValueError; ``output`` is no JSON.
        """
        self._deploy(*mocked_decision(decision_id, output))

    def mock_process(self, process_id: str, variables: Mapping[str, Any] | None = None) -> None:
        """Deploys a process of that id that ends at once with ``variables``, as its newest version:
        for call activities.

        Raises:
            InvalidRequest: a ValueError; ``variables`` are no JSON.
        """
        self._deploy(*mocked_process(process_id, variables))

    def _deploy(self, name: str, text: str) -> None:
        engines = self._known_engines()
        files = read_files([(name, text.encode())], engines[0].kernel.line)
        self.run(lambda: [engine.deployments.deploy(files) for engine in engines])
        self.settle()
