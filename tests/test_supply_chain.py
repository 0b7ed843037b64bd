"""What we ship can be built again byte for byte, asks for what the bounds say, and holds no secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

from scripts.scan_secrets import KNOWN, _detectors, findings

ROOT = Path(__file__).resolve().parents[1]
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def _runtime() -> set[str]:
    """The requirements of the library and its extras, without markers, as pyproject.toml spells them."""
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    found = {each.partition(";")[0].strip() for requirements in lists for each in requirements}
    return {each for each in found if not each.startswith("camunda-bridge")}


def _pinned(which: str) -> dict[str, set[str]]:
    """The versions that a constraints file names, by package."""
    pins: dict[str, set[str]] = {}
    for line in (ROOT / "constraints" / f"{which}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, pin = line.partition(";")[0].strip().partition("==")
            pins.setdefault(name.lower(), set()).add(pin)
    return pins


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(each) for each in version.split(".") if each.isdigit()]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _lowest(requirement: str) -> str:
    found = re.search(r">=([0-9.]+)", requirement)
    assert found, f"{requirement} has no lower bound"
    return found[1]


def test_every_requirement_is_in_the_table_of_bounds_as_it_stands_in_pyproject() -> None:
    page = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    table = page[page.index("### Bounds") : page.index("For development:")]
    told = set(re.findall(r"^\| `([^`]+)` \| [^|]+ \| [^|]+ \|$", table, re.MULTILINE))
    assert told == _runtime(), "docs/decisions.md#bounds has a row, with reasons, for each requirement"


@pytest.mark.parametrize("requirement", sorted(_runtime()))
def test_the_oldest_constraints_are_the_lower_bounds(requirement: str) -> None:
    name = _NAME.match(requirement)
    assert name
    pins = _pinned("oldest").get(name[0].lower())
    assert pins, f"{name[0]} is not in constraints/oldest.txt: make constraints"
    assert {_numbers(each) for each in pins} == {_numbers(_lowest(requirement))}, "make constraints"


@pytest.mark.parametrize("requirement", sorted(_runtime()))
def test_the_newest_constraints_are_within_the_bounds(requirement: str) -> None:
    name = _NAME.match(requirement)
    assert name
    below = re.search(r"<([0-9.]+)", requirement)
    pins = _pinned("newest").get(name[0].lower())
    assert pins, f"{name[0]} is not in constraints/newest.txt: make constraints"
    for pin in pins:
        assert _numbers(pin) >= _numbers(_lowest(requirement)), pin
        assert below is None or _numbers(pin) < _numbers(below[1]), pin


@pytest.mark.long
def test_the_distributions_have_the_same_bytes_wherever_and_whenever_they_are_built(tmp_path: Path) -> None:
    when = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, env=when, check=True, capture_output=True, timeout=120)
    made = sorted(map(str, tmp_path.iterdir()))
    assert [Path(each).suffix for each in made] == [".whl", ".gz"]
    again = [sys.executable, "scripts/reproducible.py", *made]
    told = subprocess.run(again, cwd=ROOT, env=when, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stdout + told.stderr
    later = subprocess.run(
        again,
        cwd=ROOT,
        env={**when, "SOURCE_DATE_EPOCH": "1700000002"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert later.returncode == 1, "it would not notice a difference"
    assert later.stdout.count("another build of the same source has other bytes") == 2


# Put together here, so that the scan does not find them in this file.
_TOKENS = {
    "GitHub Token": "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345",
    "AWS Access Key": "AKIA" + "IOSFODNN7EXAMPLF",
    "Private Key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "JSON Web Token": "eyJhbGciOiJIUzI1NiJ9."
    + "eyJzdWIiOiIxMjM0NTY3ODkwIn0."
    + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
}


@pytest.mark.parametrize(("kind", "token"), _TOKENS.items(), ids=list(_TOKENS))
def test_the_scan_finds_a_secret_and_says_where_but_not_what(kind: str, token: str) -> None:
    found = list(findings("tests/some.py", f"first = 1\nsecond = '{token}'\n", _detectors()))
    assert [(one.file, one.line, one.kind) for one in found] == [("tests/some.py", 2, kind)]
    assert token not in repr(found)


def test_a_password_in_what_is_shipped_is_found_though_it_has_no_known_shape() -> None:
    found = list(findings("bridge/some.py", 'password = "correct-horse-battery"\n', _detectors()))
    assert [one.kind for one in found] == ["Secret Keyword"]


def test_what_is_known_to_be_no_secret_is_still_there() -> None:
    for (name, kind), reason in KNOWN.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        detector = next(each for each in _detectors() if each.secret_type == kind)
        assert reason
        assert set(detector.analyze_string(text)), f"{name} has no {kind} any more: take it out of KNOWN"


def test_every_extra_that_a_message_or_a_page_names_is_there() -> None:
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(project["optional-dependencies"])
    files = [*ROOT.glob("camunda_*/**/*.py"), *ROOT.glob("bridge/**/*.py"), *ROOT.glob("docs/**/*.md")]
    named = {
        (each, str(file.relative_to(ROOT)))
        for file in [*files, ROOT / "README.md", ROOT / "CHANGELOG.md"]
        for found in re.findall(r"camunda-bridge\[([a-z,]+)\]", file.read_text(encoding="utf-8"))
        for each in found.split(",")
    }
    assert len(named) > 20
    assert {(each, file) for each, file in named if each not in extras} == set()
