"""Secrets are made once and kept, with the lines that people add."""

from __future__ import annotations

import stat
from pathlib import Path

import environ
import jwt
import pytest

from sahur.embedded import environment
from sahur.embedded.management.commands.write_secrets import deployment_files


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    environment.write(tmp_path / "env", environment.with_secrets({}))
    assert stat.S_IMODE((tmp_path / "env").stat().st_mode) == 0o600


def test_secrets_and_own_lines_survive_the_next_start(tmp_path: Path) -> None:
    first = environment.with_secrets({"SAHUR_MODEL": "openai:gpt"})
    environment.write(tmp_path / "env", first)
    assert environment.with_secrets(environment.read(tmp_path / "env")) == first
    assert first["SAHUR_MODEL"] == "openai:gpt"


def test_two_systems_have_different_secrets() -> None:
    one, other = environment.with_secrets({}), environment.with_secrets({})
    assert all(one[name] != other[name] for name in one)


def test_django_reads_the_same_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = environment.with_secrets({})
    environment.write(tmp_path / "env", values)
    for name in values:
        monkeypatch.delenv(name, raising=False)
    environ.Env.read_env(tmp_path / "env")
    assert {name: environ.Env().str(name) for name in values} == values


def test_the_public_key_belongs_to_the_private_one() -> None:
    values = {name: value.replace("\\n", "\n") for name, value in environment.with_secrets({}).items()}
    token = jwt.encode({"sub": "run:1"}, values["SAHUR_TOKEN_PRIVATE_KEY"], "EdDSA")
    assert jwt.decode(token, values["SAHUR_TOKEN_PUBLIC_KEY"], ["EdDSA"])["sub"] == "run:1"


def test_a_deployments_gateway_gets_no_key_to_the_rest() -> None:
    files = deployment_files()
    assert set(files["mcp.env"]) == {"SAHUR_TOKEN_PUBLIC_KEY", "SAHUR_INTERNAL_TOKEN"}
    assert files["postgres.env"]["POSTGRES_PASSWORD"] in files["sahur.env"]["DATABASE_URL"]


def test_the_shell_wins_over_the_file_except_for_the_wiring() -> None:
    kept = {"SAHUR_PUBLIC_URL": "http://127.0.0.1:8000", "SAHUR_SECRET_KEY": "ours", "SAHUR_MODEL": "a"}
    shell = {**kept, "SAHUR_PUBLIC_URL": "http://box:9000", "SAHUR_SECRET_KEY": "theirs", "DATABASE_URL": "theirs", "HOME": "/h"}
    chosen = environment.chosen_in_shell(shell, kept)
    assert chosen == {"SAHUR_PUBLIC_URL": "http://box:9000"}
    values = environment.with_chosen({**kept, "SAHUR_TRUSTED_ORIGINS": "http://127.0.0.1:8000"}, chosen)
    assert values["SAHUR_PUBLIC_URL"] == "http://box:9000"
    assert values["SAHUR_SECRET_KEY"] == "ours"
    assert values["SAHUR_TRUSTED_ORIGINS"] == "http://box:9000,http://127.0.0.1:8000"
    assert values["SAHUR_ALLOWED_HOSTS"] == "127.0.0.1,localhost,[::1],box"
