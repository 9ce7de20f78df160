"""One file per kind of condition; `segments.rules.registry` lists them."""
