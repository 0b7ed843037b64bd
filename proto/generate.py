"""Compiles proto/gateway.proto into camunda_grpc/_generated: ``make proto``.

    python proto/generate.py           writes the files
    python proto/generate.py --check   writes nothing; exits 1 when they are not what would be written

Run it with the tools of proto/requirements.txt (``make proto`` makes a virtual environment for them).

Two things differ from what protoc writes. The messages live in a descriptor pool of their own, since a second copy of the same
protocol (pyzeebe and zeebe-grpc bring one each) cannot be loaded into the shared pool of one process. And each file says who
wrote it and how to write it again.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto" / "gateway.proto"
PACKAGE = Path("camunda_grpc") / "_generated"
SHARED_POOL = "_descriptor_pool.Default()"
PRIVATE_POOL = "_descriptor_pool.DescriptorPool()"
BANNER = "# Written by `make proto` from proto/gateway.proto; do not edit.\n"
INIT = f'''{BANNER}"""The compiled gateway protocol: messages in ``gateway_pb2``, stub and servicer in ``gateway_pb2_grpc``."""
'''


def compile_into(folder: Path) -> None:
    """Runs protoc with the proto under the package's own path, so that the generated imports are right as they are."""
    source = folder / PACKAGE / "gateway.proto"
    source.parent.mkdir(parents=True)
    shutil.copyfile(PROTO, source)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "grpc_tools.protoc",
            f"-I{folder}",
            f"--python_out={folder}",
            f"--grpc_python_out={folder}",
            f"--mypy_out={folder}",
            f"--mypy_grpc_out={folder}",
            str(source),
        ],
        check=True,
        env={"PATH": str(Path(sys.executable).parent)},
        timeout=120,
    )


def generated() -> dict[str, str]:
    """File name to text of everything that belongs into the package."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compile_into(folder)
        files = {path.name: path.read_text() for path in sorted((folder / PACKAGE).glob("gateway_pb2*"))}
    messages = files["gateway_pb2.py"]
    if messages.count(SHARED_POOL) != 1:
        raise SystemExit(
            "gateway_pb2.py does not name the shared descriptor pool once: the tools have changed"
        )
    files["gateway_pb2.py"] = messages.replace(SHARED_POOL, PRIVATE_POOL)
    written = {name: BANNER + text for name, text in files.items()}
    written["__init__.py"] = INIT
    return written


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    target = ROOT / PACKAGE
    stale = []
    for name, text in generated().items():
        path = target / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if check and stale:
        print(f"stale in {PACKAGE}: {', '.join(stale)}; run `make proto`")
        return 1
    print(f"{PACKAGE}: {'fresh' if not stale else 'wrote ' + ', '.join(stale)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
