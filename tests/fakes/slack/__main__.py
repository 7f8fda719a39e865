"""`python -m tests.fakes.slack --port 9100`, then SLACK_API_URL=http://127.0.0.1:9100/api/."""

from tests.fakes.slack.server import main

main()
