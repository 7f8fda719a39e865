"""The installer: does only what is needed, says what goes wrong and what to do."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sahur.embedded import install
from sahur.embedded.install import Chains, InstallError, Step


@pytest.fixture(autouse=True)
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty clone with a frontend, in a folder with a space."""
    root = tmp_path / "a clone"
    (root / "frontend" / "src").mkdir(parents=True)
    (root / "frontend" / "package.json").write_text("{}")
    (root / "frontend" / "src" / "page.tsx").write_text("1")
    (root / "requirements").mkdir()
    for name in ("base", "dev"):
        (root / "requirements" / f"{name}.txt").write_text(name)
    places = {"ROOT": root, "VENV": root / ".venv", "PYTHON": root / ".venv/bin/python", "FRONTEND": root / "frontend"}
    for name, place in {**places, "LOGS": root / ".sahur" / "install"}.items():
        monkeypatch.setattr(install, name, place)
    (root / ".sahur" / "install").mkdir(parents=True)
    return root


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that has only what a test puts there."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_missing_git_is_said_with_the_way_to_get_it(tools: Path) -> None:
    with pytest.raises(InstallError, match=r"git is missing\. Install it"):
        install.check_tools()


def test_missing_node_is_said_with_the_way_to_get_it(tools: Path) -> None:
    program(tools, "git", "true")
    with pytest.raises(InstallError, match=r"Node\.js is missing.*20\.19 or newer"):
        install.check_tools()


def test_a_too_old_node_is_refused(tools: Path) -> None:
    for name, script in (("git", "true"), ("npm", "true"), ("node", "echo v18.20.4")):
        program(tools, name, script)
    with pytest.raises(InstallError, match=r"v18\.20\.4 is too old"):
        install.check_tools()


def test_a_new_enough_node_is_taken(tools: Path) -> None:
    for name, script in (("git", "true"), ("npm", "true"), ("node", "echo v20.19.0")):
        program(tools, name, script)
    install.check_tools()


def test_a_full_disk_is_noticed_before_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "NEEDED_GIGABYTES", 1e9)
    with pytest.raises(InstallError, match="GB are free on the disk"):
        install.check_disk()


def test_a_fresh_clone_needs_everything() -> None:
    titles = [step.title for step in [*install.python_steps(dev=False), *install.frontend_steps()]]
    assert titles == ["Virtual environment", "Python packages", "Frontend packages", "Frontend pages"]


def install_everything(root: Path) -> None:
    """Leave what the steps would: their results and their stamps."""
    (root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    if not install.PYTHON.exists():
        install.PYTHON.symlink_to(sys.executable)
    (root / "frontend" / "node_modules").mkdir(exist_ok=True)
    (root / "frontend" / "out").mkdir(exist_ok=True)
    (root / "frontend" / "out" / "index.html").touch()
    for step in [*install.python_steps(dev=False), *install.frontend_steps()]:
        step.then()


def test_a_second_run_has_nothing_to_do(clone: Path) -> None:
    install_everything(clone)
    assert [*install.python_steps(dev=False), *install.frontend_steps()] == []


@pytest.mark.parametrize(
    ("changed", "titles"),
    [
        ("requirements/base.txt", ["Python packages"]),
        ("frontend/package.json", ["Frontend packages", "Frontend pages"]),
        ("frontend/src/page.tsx", ["Frontend pages"]),
        ("frontend/tests/page.test.tsx", []),
    ],
)
def test_only_what_changed_is_done_again(clone: Path, changed: str, titles: list[str]) -> None:
    install_everything(clone)
    (clone / changed).parent.mkdir(exist_ok=True)
    (clone / changed).write_text("other")
    assert [step.title for step in [*install.python_steps(dev=False), *install.frontend_steps()]] == titles


def test_the_gateways_command_works_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = tmp_path / "it's a venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    places = {"ROOT": Path(install.__file__).parents[2], "VENV": venv, "PYTHON": venv / "bin" / "python"}
    for name, place in places.items():
        monkeypatch.setattr(install, name, place)
    install.write_command()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" in path)}
    done = subprocess.run(
        [venv / "bin" / "sahur-mcp", "check", "--help"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.startswith("usage: sahur-mcp check")) == (0, True), done.stderr


def test_a_failed_step_shows_the_end_of_its_output_and_what_to_do(clone: Path) -> None:
    step = Step("Python packages", ["/bin/sh", "-c", "echo bad luck; exit 7"], clone, "Try again.")
    with pytest.raises(InstallError, match=r"failed \(status 7\)(.|\n)*bad luck(.|\n)*Try again\."):
        Chains([step]).run()


@pytest.mark.parametrize(
    ("output", "advice"),
    [("OSError: [Errno 28] No space left on device", "The disk is full"), ("npm error code ENOTFOUND", "cannot be reached")],
)
def test_well_known_failures_have_advice_of_their_own(clone: Path, output: str, advice: str) -> None:
    step = Step("Frontend packages", ["/bin/sh", "-c", f"echo '{output}'; exit 1"], clone, "Try again.")
    with pytest.raises(InstallError, match=advice):
        step.run()


def test_a_failed_chain_ends_the_other_one(clone: Path) -> None:
    slow = Step("Frontend packages", ["/bin/sh", "-c", "sleep 600"], clone, "")
    with pytest.raises(InstallError):
        Chains([slow], [Step("Python packages", ["/bin/sh", "-c", "sleep 1; exit 1"], clone, "")]).run()
    assert slow.process is not None
    assert slow.process.wait(10) != 0


def test_the_makefile_says_what_to_do_without_a_python(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    make = next(Path(folder) / "make" for folder in os.environ["PATH"].split(":") if (Path(folder) / "make").exists())
    tools = {"sh": "/bin/sh", "echo": "/bin/echo"}
    for name, target in tools.items():
        (tmp_path / name).symlink_to(target)
    done = subprocess.run(
        [str(make), "install"], cwd=root, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "SAHUR needs Python 3.11 or newer" in done.stderr
