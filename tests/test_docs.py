"""A claim in the docs is a test: every block of Python runs, links lead somewhere, and what the pages say of defaults is so."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml

import bridge
from bridge._doors.polling import CLOSING, SLICE
from camunda_core._environment import VARIABLES
from camunda_core.retry import RetryPolicy
from camunda_rest._response import MAX_MESSAGE_SIZE
from tests.fakes.ports import free_port
from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways
from tests.nested import FEW_PLUGINS
from tests.pages import PAGES, ROOT, blocks_of, commands_of, name_of, shows, tells_a_story

LINK = re.compile(r"(?:\]\(|^\[[^\]]+\]: )([^)#\n]+)(?:#[^)\n]*)?", re.MULTILINE)
REPOSITORY = "https://github.com/camunda-bridge/camunda-bridge"


#: What runs by itself: each of these has a test of its own below.
APART = {
    "docs/howto/jupyter.md",
    "docs/howto/kubernetes.md",
    *(
        f"docs/howto/{name}.md"
        for name in ("batch-operations", "documents", "incidents", "searching", "user-tasks")
    ),
    *(name_of(page) for page in PAGES if page.parent.name == "api"),
}

#: Pages that are generated, or were written to another width before there was one.
WIDE = {
    "CHANGELOG.md",
    "README.md",
    *(f"docs/{name}.md" for name in ("conformance", "differences", "gauntlet", "guide", "mapping", "worker")),
    *(name_of(page) for page in PAGES if page.parent.name == "api"),
}

STORIES = [page for page in PAGES if tells_a_story(page) and name_of(page) not in APART]
SNIPPETS = [
    (f"{name_of(page)}-{index}", block.text)
    for page in PAGES
    if page not in STORIES and name_of(page) not in APART
    for index, block in enumerate((b for b in blocks_of(page) if b.language == "python"), start=1)
]

#: Runs a block where closing does not wait long for polls on the wire.
SHORT_POLLS = """
import sys
from bridge._doors import polling
from camunda_worker._intake import polling as of_workers
polling.SLICE, of_workers.POLL_WAIT = 0.5, 0.4
exec(compile(sys.argv[1], "<block>", "exec"), {"__name__": "__main__"})
"""


@on_gateways("embedded", "cluster", wires={"grpc", "rest"}, features={"open"})
@pytest.mark.parametrize("code", [code for _, code in SNIPPETS], ids=[name for name, _ in SNIPPETS])
def test_a_block_of_the_docs_runs_as_it_stands(gateway: Gateway, code: str) -> None:
    with bridge.Client(rest_address=gateway.rest_address) as client:
        client.deploy_resource(ROOT / "examples" / "order.bpmn")
    python("-c", SHORT_POLLS, at(gateway, code))


#: What a page may run, as modules.
_PROGRAMS = {"python": [], "pytest": ["-m", "pytest"], "camunda-bridge": ["-m", "camunda_cli"]}


@on_gateways("embedded", wires={"grpc", "rest"})
@pytest.mark.parametrize("page", STORIES, ids=name_of)
def test_a_page_that_makes_files_works_from_top_to_bottom(
    gateway: Gateway, page: Path, tmp_path: Path
) -> None:
    order = (ROOT / "examples" / "order.bpmn").read_bytes()  # where a page has no process of its own
    (tmp_path / "order.bpmn").write_bytes(order)
    with bridge.Client(rest_address=gateway.rest_address) as client:
        client.deploy_resource(("order.bpmn", order))
    ran = ""
    for block in blocks_of(page):
        if block.title:
            (tmp_path / block.title).write_text(at(gateway, block.text), encoding="utf-8")
        for line, output in commands_of(block) if block.language == "console" else ():
            program, *arguments = at(gateway, line).split()
            assert program in _PROGRAMS, f"{name_of(page)}: nothing runs {line}"
            said = python(*_PROGRAMS[program], *arguments, folder=tmp_path)
            assert shows(at(gateway, output), said), (
                f"{name_of(page)}: {line} says\n{said}\nand not\n{output}"
            )
            ran += block.text
    for block in blocks_of(page):
        if block.language == "python":
            assert block.title, f"{name_of(page)}: a block without a name is not run"
            module = block.title.removesuffix(".py")
            used = module in ran or re.search(
                rf"^(import|from) {module}\b", page.read_text(encoding="utf-8"), re.M
            )
            assert used or module.startswith("test_") or module == "conftest", (
                f"{name_of(page)}: {block.title} is not run"
            )


def test_a_notebook_works_from_the_first_cell_to_the_last() -> None:
    cells = [block.text for block in blocks_of(ROOT / "docs/howto/jupyter.md") if block.language == "python"]
    assert len(cells) > 5
    # As a kernel does it: one namespace, a loop that runs, and cells that may await.
    kernel = """
import ast, asyncio, inspect, sys

async def kernel(cells):
    namespace = {}
    for cell in cells:
        code = compile(cell, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        waiting = eval(code, namespace)
        if inspect.isawaitable(waiting):
            await waiting

asyncio.run(kernel(sys.argv[1:]))
"""
    python("-c", kernel, *cells)


@on_gateways("embedded", wires={"rest"})
def test_the_worker_for_kubernetes_is_ready_and_ends_on_sigterm(gateway: Gateway, tmp_path: Path) -> None:
    named = {block.title: block.text for block in blocks_of(ROOT / "docs/howto/kubernetes.md") if block.title}
    program = named["worker.py"]
    grace, probe = (int(re.search(rf"{word}(\d+)", program)[1]) for word in ("grace=", "0.0.0.0:"))  # type: ignore[index]
    pod = yaml.safe_load(named["deployment.yaml"])["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"] == ["python", "worker.py"]
    assert pod["terminationGracePeriodSeconds"] >= grace + 5
    assert {container[kind]["httpGet"]["port"] for kind in ("livenessProbe", "readinessProbe")} == {probe}

    port = free_port()
    (tmp_path / "worker.py").write_text(
        program.replace(f"0.0.0.0:{probe}", f"127.0.0.1:{port}"), encoding="utf-8"
    )
    settings = {**environment(), "CAMUNDA_REST_ADDRESS": gateway.rest_address}
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "worker.py"],
        cwd=tmp_path,
        env=settings,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert answers_within(60, f"http://127.0.0.1:{port}{container['readinessProbe']['httpGet']['path']}")
        assert answers_within(10, f"http://127.0.0.1:{port}{container['livenessProbe']['httpGet']['path']}")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=300)
    finally:
        process.kill()
    assert process.returncode == 0, log
    assert "worker billing has stopped" in log


def answers_within(seconds: float, url: str) -> bool:
    """Whether a URL answers 200 before so many seconds are over."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            with urlopen(url, timeout=5):
                return True
        except OSError:
            time.sleep(0.05)
    return False


def test_the_library_still_says_what_the_page_of_messages_quotes() -> None:
    page = (ROOT / "docs/howto/troubleshooting.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^### (.*)$", page, re.MULTILINE)
    titles = {
        "handlers block the loop",
        "RESOURCE_EXHAUSTED",
        "DEADLINE_EXCEEDED, and nothing in the gateway's log",
    }
    assert titles < set(quoted)
    packages = (
        "bridge",
        "camunda_core",
        "camunda_embedded",
        "camunda_grpc",
        "camunda_rest",
        "camunda_worker",
    )
    sources = [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]
    said = "\n".join(filter(None, (words_of(file) for file in sources)))
    for message in sorted(set(quoted) - titles):
        for part in filter(None, (part.strip(" :") for part in message.split("…"))):
            assert part in said, f"nothing says {part!r} any more"


def words_of(file: Path) -> str:
    """The literal text of a module, with f-strings cut at what is put into them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return "\n".join(text for text in texts if isinstance(text, str))


def at(gateway: Gateway, text: str) -> str:
    """``text`` with the addresses of a gateway in place of the usual ones."""
    return text.replace("http://localhost:8080", gateway.rest_address).replace(
        "localhost:26500", gateway.grpc_address
    )


def python(*arguments: str, folder: Path = ROOT) -> str:
    """What a Python that fails on warnings and knows no settings of ours writes; fails with what it complains of."""
    done = subprocess.run(
        [sys.executable, *([] if "pytest" in arguments else ["-W", "error"]), *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment() -> dict[str, str]:
    """This process's environment without settings of ours, from which our packages and the stand-ins can be imported."""
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("CAMUNDA_", "ZEEBE_", "PYTEST_"))
    }
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "stand_ins")))
    return {
        **clean,
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_ADDOPTS": " ".join(FEW_PLUGINS),
    }


def test_the_demo_tells_its_story_on_the_embedded_gateway_by_default() -> None:
    story = python("-m", "examples.demo")
    assert story.startswith("the embedded gateway")
    assert "topology equal on both wires: True" in story
    assert story.count("NotFound: Command 'COMPLETE' rejected") == 2
    assert len(story.splitlines()) <= 24  # a terminal's screen


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(f"{REPOSITORY}/blob/main/"):
            file = ROOT / target.removeprefix(f"{REPOSITORY}/blob/main/")
        elif "://" in target:
            continue
        else:
            file = page.parent / target if target else page
        assert anchor in anchors_of(file), f"{name_of(page)} links to {target}#{anchor}"


def anchors_of(page: Path) -> set[str]:
    """Where a link into a page may lead: its headings, as GitHub and the site spell them, and anchors of their own."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.M
    )
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)"', text))


def test_every_link_of_the_readme_works_on_pypi_too() -> None:
    links = LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(links) > 5
    for target in links:
        assert target.startswith("https://"), f"{target} leads nowhere on PyPI"
        if target.startswith(f"{REPOSITORY}/"):
            kind, branch, path = target.removeprefix(f"{REPOSITORY}/").split("/", 2)
            assert (kind, branch) in {("blob", "main"), ("tree", "main")}, target
            file = ROOT / path
            assert file.is_dir() if kind == "tree" else file.is_file(), f"README.md links to {path}"


def test_the_links_of_the_distribution_name_the_repository() -> None:
    urls = re.findall(
        r'^\w+ = "(https://[^"]+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M
    )
    assert len(urls) == 5
    for url in urls:
        assert url.startswith(REPOSITORY), url
        _, _, path = url.removeprefix(REPOSITORY).partition("/main/")
        assert (ROOT / path).exists(), url


@pytest.mark.parametrize("page", [page for page in PAGES if name_of(page) not in WIDE], ids=name_of)
def test_prose_is_100_columns_wide(page: Path) -> None:
    code = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        code ^= line.lstrip().startswith("```")
        free = code or line.startswith(("|", "#", "![")) or re.search(r"\]: https://|\]\([^)]*\)", line)
        assert free or len(line) <= 100, f"{name_of(page)}:{number} has {len(line)} columns"


def test_every_decision_has_a_date_and_an_anchor_of_its_own() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    anchors = re.findall(r'^<a id="([a-z0-9-]+)"></a>\n### \d{4}-\d\d-\d\d: \S', text, re.MULTILINE)
    assert len(anchors) == len(set(anchors)) == text.count("\n### ") > 30


def test_the_picture_of_the_architecture_is_the_one_that_its_source_describes() -> None:
    python("scripts/draw_architecture.py", "--check")


def test_every_file_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:bridge|camunda_\w+|tests|proto)/[\w/]+(?:\.\w+)?)`", text)
    assert len(named) > 20
    for path in named:
        assert (ROOT / path).exists(), path


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not re.match(r"\[[^\]]+\]: https://", line)]) <= 165


def test_the_docs_name_no_command_that_the_makefile_lacks() -> None:
    words = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")))
        assert named <= words, name_of(page)


def test_every_variable_that_the_guide_names_is_read() -> None:
    known = {
        name
        for variable in VARIABLES.values()
        for name in (*variable.names, *variable.inverted, *variable.inline)
    }
    named = set(
        re.findall(r"`(CAMUNDA_[A-Z_]+[A-Z])`", (ROOT / "docs" / "guide.md").read_text(encoding="utf-8"))
    )
    assert named
    assert named <= known


def test_the_defaults_that_the_guide_gives_are_the_real_ones() -> None:
    policy = RetryPolicy()
    assert (policy.max_attempts, policy.initial_delay, policy.multiplier, policy.max_delay) == (
        5,
        0.1,
        3.0,
        5.0,
    )
    assert (SLICE, CLOSING) == (4.0, 5.0)
    assert MAX_MESSAGE_SIZE == 16 << 20
    with bridge.Client(rest_address="http://127.0.0.1:1") as client:
        assert client._connection.timeout == 10.0
