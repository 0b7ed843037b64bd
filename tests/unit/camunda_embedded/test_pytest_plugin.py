"""The fixtures for users, in suites of their own: real pytest runs in processes of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytest_plugins = ["pytester"]
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a suite with the plugin as an installed distribution would have it."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(*arguments: str) -> pytest.RunResult:
        plugin = "" if installed() else "-pcamunda_embedded.pytest_plugin"
        return pytester.runpytest_subprocess(
            "-pno:cacheprovider", "-pno:asyncio", "-Werror", *filter(None, [plugin]), *arguments, timeout=120
        )

    return run


def installed() -> bool:
    from importlib.metadata import entry_points

    return any(entry.value == "camunda_embedded.pytest_plugin" for entry in entry_points(group="pytest11"))


SUITE = """
    import pytest

    ORDER = ("order.bpmn", b'''<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
        xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="x">
      <process id="order" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>
        <serviceTask id="t"><extensionElements><zeebe:taskDefinition type="ship"/></extensionElements></serviceTask>
      </process></definitions>''')

    def test_one(camunda_gateway, camunda_client):
        camunda_client.deploy_resource(ORDER)
        camunda_client.create_process_instance(process_definition_id="order")
        (job,) = camunda_client.activate_jobs("ship", max_jobs_to_activate=1, job_timeout=60)
        camunda_gateway.clock.advance(61)
        (again,) = camunda_client.activate_jobs("ship", max_jobs_to_activate=1, job_timeout=60)
        assert again.job_key == job.job_key
        camunda_client.complete_job(job.job_key)

    def test_the_next_gets_another_gateway(camunda_gateway, camunda_client):
        assert not camunda_gateway.records()
        with pytest.raises(Exception, match="none found"):
            camunda_client.create_process_instance(process_definition_id="order")

    def test_with_asyncio(camunda_async_client):
        import asyncio

        async def version():
            async with camunda_async_client() as client:
                return (await client.topology()).gateway_version

        assert asyncio.run(version()) == "8.6.0"

    def test_records_are_given_once(camunda_gateway, camunda_records, camunda_client):
        assert camunda_records() == []
        camunda_client.publish_message("m", correlation_key="k")
        first = camunda_records()
        assert first[0]["intent"] == "PUBLISH"
        assert camunda_records() == []
        camunda_client.publish_message("m", correlation_key="k")
        assert first + camunda_records() == camunda_gateway.records()

    def test_credentials_of_the_environment_stay_out(camunda_gateway, monkeypatch, request):
        monkeypatch.setenv("CAMUNDA_CLIENT_ID", "id")
        monkeypatch.setenv("CAMUNDA_CLIENT_SECRET", "secret")
        monkeypatch.setenv("CAMUNDA_TOKEN_AUDIENCE", "audience")
        assert request.getfixturevalue("camunda_client").topology().cluster_size == 1

    def test_share_one(camunda_shared_gateway, request):
        request.config.shared = camunda_shared_gateway

    def test_share_two(camunda_shared_gateway, request):
        assert request.config.shared is camunda_shared_gateway
"""


def test_a_suite_uses_the_fixtures(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(SUITE)
    run().assert_outcomes(passed=7)


def test_nothing_heavy_is_imported_before_a_test_asks(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it():
            assert "camunda_embedded.pytest_plugin" in sys.modules
            heavy = {"grpc", "google.protobuf", "aiohttp", "requests", "bridge", "camunda_embedded._gateway"}
            if sys.version_info < (3, 14):  # there pytest's own debugger imports it
                heavy.add("asyncio")
            assert not heavy & set(sys.modules), heavy & set(sys.modules)
        """
    )
    run("-pno:hypothesispytest", "-pno:anyio", "-pno:schemathesis").assert_outcomes(passed=1)


def test_the_gateways_can_be_made_otherwise(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def camunda_gateway_options():
            return {"dialect": "8.8"}
        """
    )
    pytester.makepyfile(
        """
        def test_it(camunda_client, camunda_shared_gateway):
            assert camunda_client.topology().gateway_version.startswith("8.8")
            assert camunda_shared_gateway.dialect == "8.8"
        """
    )
    run().assert_outcomes(passed=1)


def test_what_is_not_installed_is_said_with_the_way_out(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import sys

        sys.modules["aiohttp"] = None  # as if it were not there

        def test_it(camunda_gateway):
            pass
        """
    )
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*the embedded gateway needs aiohttp: install it with pip install 'camunda-bridge?embedded?'*"]
    )


def test_the_distribution_names_the_plugin_and_what_it_needs() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(
        r'^\[project\.entry-points\.pytest11\]\ncamunda_embedded = "camunda_embedded\.pytest_plugin"$',
        text,
        re.M,
    )
    extra = re.search(r"^embedded = \[(.*)\]$", text, re.M)
    assert extra is not None
    assert {re.split("[<>=]", each)[0] for each in re.findall(r'"([^"]+)"', extra[1])} == {
        "camunda-bridge[grpc,aio]",
        "regex",
    }


CASES = Path(__file__).parent / "testing" / "cases"


def test_files_of_test_cases_are_items(run: Run, pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("cases")
    for name in ("parcel.bpmn", "price.dmn", "parcel.test.json"):
        (folder / name).write_bytes((CASES / name).read_bytes())
    (folder / "tsconfig.test.json").write_text('{"include": ["src"]}')
    (folder / "package.json").write_text("{")
    schema = "https://camunda.com/json-schema/cpt-test-cases/8.9/schema.json"
    create = {
        "type": "CREATE_PROCESS_INSTANCE",
        "processDefinitionSelector": {"processDefinitionId": "parcel"},
    }
    done = {
        "type": "ASSERT_PROCESS_INSTANCE",
        "processInstanceSelector": {"processDefinitionId": "parcel"},
        "state": "IS_COMPLETED",
    }
    own = [
        {"name": "fails", "instructions": [create, done]},
        {"name": "unknown", "instructions": [create, {"type": "DANCE"}]},
    ]
    (folder / "own.json").write_text(json.dumps({"$schema": schema, "testCases": own}))
    result = run("cases", "-v")
    result.assert_outcomes(passed=4, failed=2)
    text = result.stdout.str()
    assert "own.json, testCases[0].instructions[1] (ASSERT_PROCESS_INSTANCE): it should be COMPLETED" in text
    assert "pack (SERVICE_TASK); job pack is CREATED" in text
    assert "testCases[1].instructions[1].type is 'DANCE', which is no known instruction" in text


def test_a_broken_file_of_test_cases_is_an_error(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "x.json").write_text(
        '{"$schema": "https://camunda.com/json-schema/cpt-test-cases/8.9/schema.json",'
    )
    result = run()
    result.assert_outcomes(errors=1)
    assert "x.json is no JSON" in result.stdout.str()


def test_test_cases_run_where_the_suite_says(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "parcel.test.json").write_bytes((CASES / "parcel.test.json").read_bytes())
    pytester.makeconftest(
        f"""
        import pytest, bridge
        from pathlib import Path
        from camunda_core.credentials import NoCredentials
        from camunda_embedded import EmbeddedGateway
        from camunda_embedded.testing import CaseRunner

        @pytest.fixture
        def camunda_case_runner():
            with EmbeddedGateway(dialect="8.9") as cluster:
                with bridge.Client(rest_address=cluster.rest_address, credentials=NoCredentials()) as client:
                    yield CaseRunner(client)

        @pytest.fixture(scope="session")
        def camunda_case_resources():
            return lambda file: [Path({str(CASES)!r}) / name for name in ("parcel.bpmn", "price.dmn")]
        """
    )
    run().assert_outcomes(passed=4)
