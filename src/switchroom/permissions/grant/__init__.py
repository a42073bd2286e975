"""Who may change whose authority: rules that keep anybody from gaining what nobody gave him.

Each takes the asker and what he wants, and returns a ``Refusal`` or ``None``. That he holds the
permission of the change itself (``roles:bind``, …) is asked before, as of every request.
"""

from switchroom.permissions.grant.accounts import (
    dominate,
    is_owner,
    issue_key,
    last_owner,
    move,
    refer,
    second_factor,
    set_tags,
)
from switchroom.permissions.grant.asker import Asker, Refusal
from switchroom.permissions.grant.bindings import (
    bind,
    create_role,
    delete_role,
    edit_role,
    lift,
    restrict,
    unbind,
)

__all__ = [
    "Asker",
    "Refusal",
    "bind",
    "create_role",
    "delete_role",
    "dominate",
    "edit_role",
    "is_owner",
    "issue_key",
    "last_owner",
    "lift",
    "move",
    "refer",
    "restrict",
    "second_factor",
    "set_tags",
    "unbind",
]
