"""The room `segments`: named sets of contacts, and the rules that choose them."""
