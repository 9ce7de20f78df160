"""The commands of the room `segments`."""
