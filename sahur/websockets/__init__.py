"""The WebSocket door: shows runs and issues live, and takes commands that call the same actions as REST."""
