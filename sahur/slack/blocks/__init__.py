"""What our messages say, as blocks of Slack's Block Kit within its limits."""
