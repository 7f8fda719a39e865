"""docker-compose.yml and the Dockerfiles, as far as they can be checked without Docker."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sahur.api import content_security
from sahur.embedded.management.commands.write_secrets import deployment_files
from sahur.embedded.processes import Ports, applications

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILES = ["sahur/Dockerfile", "sahur_mcp/Dockerfile", "frontend/Dockerfile"]
OURS = {process.name for process in applications(Ports(8000, 8100, 5555))}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_compose_file_follows_the_compose_specification() -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = run(*checker, "docker-compose.yml")
    assert done.returncode == 0, done.stdout


def test_the_checker_notices_a_mistake(tmp_path: Path) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text((ROOT / "docker-compose.yml").read_text().replace("  web:\n", "  web:\n    prots: []\n"))
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    assert run(*checker, str(broken)).returncode == 1


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_dockerfiles_pass_the_linter(dockerfile: str) -> None:
    done = run(str(Path(sys.executable).with_name("hadolint")), dockerfile)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_images_are_pinned_and_do_not_run_as_root(dockerfile: str) -> None:
    text = (ROOT / dockerfile).read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert all(re.search(r":\d+\.\d+\.\d+", base) for base in bases), bases
    last_stage = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER 10001:10001$", last_stage, re.MULTILINE)


def test_what_a_dockerfile_copies_is_there_and_not_ignored() -> None:
    ignored = set((ROOT / ".dockerignore").read_text().split())
    for dockerfile in DOCKERFILES[:2]:
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / dockerfile).read_text(), re.MULTILINE)
        sources = {source for line in copied for source in line.split()}
        assert sources
        assert [source for source in sources if not (ROOT / source).exists() or source in ignored] == []


def test_compose_has_every_process_of_the_embedded_system(compose: dict[str, Any]) -> None:
    assert OURS | {"postgres", "valkey", "migrate", "slack"} <= set(compose["services"])


def test_services_are_hardened(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["networks"] == ["sahur"], name
        assert not service.get("privileged"), name


def test_only_what_people_open_has_a_port_and_only_on_loopback(compose: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8000:8000"], "pages": ["127.0.0.1:8080:8080"]}


def test_secrets_come_from_the_files_that_are_made(compose: dict[str, Any]) -> None:
    named = {Path(file).name for service in compose["services"].values() for file in service.get("env_file", [])}
    assert named == set(deployment_files())
    text = (ROOT / "docker-compose.yml").read_text()
    assert not re.search(r"(PASSWORD|SECRET_KEY|TOKEN)\s*:\s*\S", text)


def test_the_gateway_reads_repositories_only(compose: dict[str, Any]) -> None:
    assert "repositories:/data/repositories:ro" in compose["services"]["mcp"]["volumes"]


def test_secrets_are_never_overwritten(tmp_path: Path) -> None:
    first = run(sys.executable, "manage.py", "write_secrets", str(tmp_path / "secrets"))
    assert first.returncode == 0, first.stderr
    before = (tmp_path / "secrets" / "sahur.env").read_text()
    again = run(sys.executable, "manage.py", "write_secrets", str(tmp_path / "secrets"))
    assert again.returncode == 1
    assert (tmp_path / "secrets" / "sahur.env").read_text() == before


PAGE = '<script>\nlet theme = "dark";\r\n</script><script src="/a.js"></script><p>x</p><script nonce="">f()</script>'


def test_the_image_of_the_pages_lets_the_same_inline_scripts_run_as_the_server(tmp_path: Path) -> None:
    (tmp_path / "issues").mkdir()
    (tmp_path / "issues" / "index.html").write_bytes(PAGE.encode())
    done = run("node", "frontend/scripts/write-policies.mjs", str(tmp_path))
    hashes = content_security.inline_script_hashes(PAGE)
    assert len(hashes) == 2
    assert f'"/issues/index.html" "{" ".join(hashes)}";' in done.stdout, done.stderr


def test_the_image_of_the_pages_sends_the_servers_policy() -> None:
    template = (ROOT / "frontend/nginx/default.conf.template").read_text()
    assert f'Content-Security-Policy "{content_security.policy(scripts=["$inline_scripts"])}"' in template
