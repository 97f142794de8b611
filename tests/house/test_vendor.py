"""What is vendored is what it says it is: every file listed, every hash right, nothing that calls home."""

import hashlib
import re
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

VENDOR = Path(__file__).parents[2] / "web" / "vendor"


class File(Struct, forbid_unknown_fields=True):
    path: str
    origin_path: str
    sha256: str


class Package(Struct, forbid_unknown_fields=True):
    name: str
    version: str
    licence: str
    origin: str
    files: list[File]
    changes: str = ""


PACKAGES = msgspec.json.decode((VENDOR / "vendor.json").read_bytes(), type=list[Package])
FILES = {file.path: file for package in PACKAGES for file in package.files}


def test_every_vendored_file_is_listed_and_every_listed_file_is_there() -> None:
    there = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert there - {"vendor.json"} == FILES.keys()


@pytest.mark.parametrize("path", FILES)
def test_a_vendored_file_is_the_one_that_was_looked_at(path: str) -> None:
    assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == FILES[path].sha256


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_vendored_package_brings_its_licence(package: Package) -> None:
    assert package.licence
    assert re.search(r" \d+\.\d+\.\d+$", package.origin), "where from, and which release of it"
    texts = [file.path for file in package.files if Path(file.path).name.startswith(("LICENSE", "OFL"))]
    assert texts, "the licence's own text travels with the files"


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith((".js", ".css"))])
def test_no_vendored_file_points_to_a_map_that_is_not_there(path: str) -> None:
    assert b"sourceMappingURL" not in (VENDOR / path).read_bytes()
