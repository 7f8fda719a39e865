"""The committed schema is the one that the code makes, and it tells all."""

import io

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

COMMITTED = settings.BASE_DIR / "frontend" / "schema" / "openapi.yaml"


@pytest.fixture(scope="module")
def generated():
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return out.getvalue()


def test_committed_schema_has_not_drifted(generated):
    assert COMMITTED.read_text() == generated, "Run: python manage.py spectacular --file frontend/schema/openapi.yaml"


def test_every_operation_describes_itself_its_answers_and_its_problems(generated):
    schema = yaml.safe_load(generated)
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert len(operations) > 20
    for operation in operations:
        assert operation["description"], operation["operationId"]
        assert "Problem" in str(operation["responses"]["default"])
        assert any(status.startswith("2") for status in operation["responses"])


def test_internal_endpoints_are_not_public(generated):
    assert "/internal/" not in generated
