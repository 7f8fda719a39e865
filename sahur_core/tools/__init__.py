"""What a run may call: the gateway's client, which tools a run gets, and what needs a person's approval."""
