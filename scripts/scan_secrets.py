"""Looks for secrets in everything that git tracks: ``python scripts/scan_secrets.py [file ...]``.

The patterns are those of detect-secrets. It is asked file by file, not line by line as its own command
does, which takes a minute for these files. What is known to be none is in ``KNOWN``, with the reason.

Exits with 1 and says file, line and kind where something looks like a secret. The secret itself is not
printed: logs of CI are read by many.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

ROOT = Path(__file__).resolve().parents[1]

#: Detectors of services that nothing here talks to, whose patterns cost most of the time; and addresses
#: of machines, which are no secrets.
_LEFT_OUT = {
    "CloudantDetector",
    "IbmCloudIamDetector",
    "IbmCosHmacDetector",
    "SoftlayerDetector",
    "IPPublicDetector",
}
#: These guess by names and by randomness. What tests invent looks just like that, and so does what is
#: generated or recorded.
_GUESSING = {"KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString"}
_NOT_GUESSED = (
    "tests/",
    "contract/",
    "camunda_grpc/_generated/",
    "camunda_rest/api/",
    "docs/reference/api/",
    "constraints/",
)

#: What was looked at and is no secret: file and kind, and why.
KNOWN = {
    ("camunda_core/_tunnel.py", "Basic Auth Credentials"): "made anew for each tunnel",
    ("docs/guide.md", "Secret Keyword"): "a table of names of variables",
    ("docs/guide.md", "Basic Auth Credentials"): "where those of a proxy stand in an address",
    ("docs/howto/plain-cluster.md", "Basic Auth Credentials"): "where those of a proxy stand in an address",
    ("scripts/rest_api_examples.py", "Secret Keyword"): "the password of a user in an example",
    ("tests/cli/test_doctor.py", "Basic Auth Credentials"): "those of a proxy that the test runs",
    ("tests/faults/test_outbound.py", "Basic Auth Credentials"): "those of a proxy that the test runs",
    ("tests/faults/test_rest_http2_ways.py", "Basic Auth Credentials"): "those of a proxy that the test runs",
    ("tests/faults/test_socks.py", "Basic Auth Credentials"): "those of a proxy that the test runs",
    ("tests/faults/test_tls_proxy.py", "Basic Auth Credentials"): "those of a proxy that the test runs",
    ("tests/unit/camunda_core/test_addresses.py", "Basic Auth Credentials"): "must be refused in an address",
    ("tests/unit/camunda_core/test_oauth.py", "Basic Auth Credentials"): "must be refused in an address",
    (
        "tests/unit/camunda_core/test_tls_proxy.py",
        "Basic Auth Credentials",
    ): "those of a proxy that is never met",
    ("tests/unit/test_bad_arguments.py", "Basic Auth Credentials"): "must be refused in an address",
    ("tests/unit/camunda_core/pem/client.key", "Private Key"): "made for the tests, trusted by nobody",
    ("tests/unit/camunda_core/pem/server.key", "Private Key"): "made for the tests, trusted by nobody",
    ("tests/unit/camunda_core/test_tls_material.py", "Private Key"): "a header without a key",
}


class Finding(NamedTuple):
    file: str
    line: int
    kind: str


def _detectors() -> list[Any]:
    found = get_mapping_from_secret_type_to_class().values()
    return [each() for each in found if each.__name__ not in _LEFT_OUT]


def _values(detector: Any, text: str) -> set[str]:
    found = set(detector.analyze_string(text))
    limit = getattr(detector, "entropy_limit", None)
    return (
        found if limit is None else {one for one in found if detector.calculate_shannon_entropy(one) > limit}
    )


def findings(name: str, text: str, detectors: Sequence[Any]) -> Iterator[Finding]:
    """What looks like a secret in the text of the file of this name, relative to the root."""
    for detector in detectors:
        if type(detector).__name__ in _GUESSING and name.startswith(_NOT_GUESSED):
            continue
        if (name, detector.secret_type) in KNOWN:
            continue
        for value in _values(detector, text):
            yield Finding(name, text.count("\n", 0, text.find(value)) + 1, detector.secret_type)


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        sys.stdout.write(f"not scanned for secrets, since git does not list the files: {listed.stderr}")
        return []
    return [name for name in listed.stdout.split("\0") if name]


def main(names: Sequence[str]) -> int:
    detectors = _detectors()
    found: list[Finding] = []
    for name in names or _tracked():
        path = ROOT / name
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # pictures; files that are deleted and not yet committed
        found += findings(name, text, detectors)
    for one in found:
        sys.stdout.write(f"{one.file}:{one.line}: {one.kind}\n")
    if found:
        sys.stdout.write(
            "these look like secrets. One that is real is revoked first, and only then taken out, since history keeps it. "
            f"One that is none gets a line in KNOWN of {Path(__file__).relative_to(ROOT)}, with the reason.\n"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
