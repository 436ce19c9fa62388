"""pyproject.toml, requirements.lock, environment.yml and Makefile describe one environment."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

REPO = Path(__file__).resolve().parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
LOCK = (REPO / "requirements.lock").read_text("utf-8")
REGENERATE = "run `make lock` and commit requirements.lock"

REQUIRED = [
    *PYPROJECT["build-system"]["requires"],
    *PYPROJECT["project"]["dependencies"],
    *PYPROJECT["dependency-groups"]["dev"],
]
PYTHONS = ["3.11", "3.12", "3.13"]


def lock_entries() -> list[str]:
    """One string per locked package: its requirement line, then its hashes."""
    body = "".join(line for line in LOCK.splitlines(True) if not line.startswith("#"))
    return re.split(r"\n(?=\S)", body.replace("\\\n", "\n").strip())


def locked_versions(name: str, python: str) -> list[str]:
    """Versions of a package that the lock installs on Linux for one Python."""
    where = {"python_version": python, "python_full_version": f"{python}.0"}
    where |= {"sys_platform": "linux", "platform_machine": "x86_64"}
    found = [Requirement(entry.splitlines()[0].strip()) for entry in lock_entries()]
    return [
        str(r.specifier).removeprefix("==")
        for r in found
        if canonicalize_name(r.name) == canonicalize_name(name)
        and (r.marker is None or r.marker.evaluate(where))
    ]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("required", REQUIRED)
def test_lock_satisfies_pyproject(required: str, python: str) -> None:
    requirement = Requirement(required)
    versions = locked_versions(requirement.name, python)
    assert len(versions) == 1, f"{requirement.name}: locked {versions}; {REGENERATE}"
    assert requirement.specifier.contains(versions[0]), f"{versions[0]} locked; {REGENERATE}"


def test_every_lock_entry_is_pinned_and_hashed() -> None:
    entries = lock_entries()
    assert len(entries) > len(PYPROJECT["project"]["dependencies"])
    for entry in entries:
        first, *hashes = entry.splitlines()
        assert re.match(r"[a-z0-9._-]+==\S+", first), first
        assert hashes, f"{first}: no hash"
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}\s*", h) for h in hashes), first


def test_lock_names_no_host() -> None:
    assert not re.search(r"http|index-url|find-links|trusted-host|file:| @ ", LOCK, re.I)


def test_lock_says_how_to_regenerate_it() -> None:
    assert "make lock" in LOCK.split("==")[0]


def test_python_bounds_agree() -> None:
    bounds = SpecifierSet(PYPROJECT["project"]["requires-python"])
    supported = [f"3.{minor}" for minor in range(30) if f"3.{minor}" in bounds]
    assert supported == PYTHONS
    conda = next(d for d in conda_packages() if d.startswith("python "))
    assert SpecifierSet(conda.removeprefix("python")) == bounds
    makefile = (REPO / "Makefile").read_text("utf-8")
    low, high = re.findall(r"\(3, (\d+)\)", makefile)
    assert SpecifierSet(f">=3.{low},<3.{high}") == bounds
    assert f"--python-version 3.{low}" in makefile


def test_environment_yml_installs_the_lock() -> None:
    # Nothing else: a folder (`-e .`) has no hash, and pip then refuses the whole list.
    pip = next(d for d in environment_yml()["dependencies"] if isinstance(d, dict))
    assert pip == {"pip": ["-r requirements.lock"]}
    assert [d.split()[0] for d in conda_packages()] == ["python", "pip"]


def test_environment_yml_uses_conda_forge_only() -> None:
    assert environment_yml()["channels"] == ["conda-forge", "nodefaults"]


def environment_yml() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPO / "environment.yml").read_text("utf-8"))
    return loaded


def conda_packages() -> list[str]:
    return [d for d in environment_yml()["dependencies"] if isinstance(d, str)]
