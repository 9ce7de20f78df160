"""The three roles and their order.

PURE: no Django models, no IO. Everything that asks "may they?" asks here.

A role contains the roles below it: an admin may do what an editor may, an editor what a viewer may.
"""

from __future__ import annotations

from django.db.models import TextChoices


class Role(TextChoices):
    """What someone who signs in, or a key, may do."""

    VIEWER = "viewer", "Viewer"  # reads everything, changes nothing
    EDITOR = "editor", "Editor"  # builds segments, flows and templates
    ADMIN = "admin", "Admin"  # also people, keys, the workspace


_RANK = {Role.VIEWER.value: 1, Role.EDITOR.value: 2, Role.ADMIN.value: 3}


def role_suffices(have: str | None, need: str) -> bool:
    """Say whether the role `have` contains the role `need`.

    Parameters
    ----------
    have : str or None
        The role of whoever asks; None for somebody who did not sign in.
    need : str
        The least role that is enough.

    Returns
    -------
    bool
        False for an unknown role on either side: what is not understood opens nothing.

    Examples
    --------
    >>> role_suffices("editor", "viewer")
    True
    >>> role_suffices("viewer", "editor")
    False
    >>> role_suffices(None, "viewer") or role_suffices("admin", "root")
    False
    """
    if have is None or need not in _RANK:
        return False
    return _RANK.get(have, 0) >= _RANK[need]
