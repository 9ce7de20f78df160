"""The commands of the room `contacts`."""
