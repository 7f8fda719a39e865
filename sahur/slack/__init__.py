"""The Slack door: mentions and direct messages become issues, replies steer runs, cards and answers go to the thread."""
