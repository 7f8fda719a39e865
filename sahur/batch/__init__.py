"""What happens to an issue: actions, the chain, the run engine, effects and the reaper."""
