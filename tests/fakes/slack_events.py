"""Events as Slack delivers them, under their old name: `tests.fakes.slack`."""

from tests.fakes.slack import SECRET, envelope, signed

__all__ = ["SECRET", "envelope", "signed"]
