"""The commands of the room `demo`."""
