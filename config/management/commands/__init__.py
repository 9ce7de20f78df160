"""The commands that run the processes."""
