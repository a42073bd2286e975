"""The only code that writes roles, bindings, restrictions, plans, memberships' tags and epochs.

Every function works in the caller's transaction: it holds the customer's authority, reads what is
stored now, applies the rules of ``permissions/grant`` to the asker as he is now, writes, raises the
epoch and tells the audit log. What may not be done is returned as a value, and nothing is written.
"""

from switchroom.store.authority_writer.bindings import BindingWish, bind, lift, restrict, unbind
from switchroom.store.authority_writer.change import Change, Outcome, hold_authority
from switchroom.store.authority_writer.customers import freeze, recover, set_plan
from switchroom.store.authority_writer.memberships import (
    add_member,
    end_membership,
    hold_all_of,
    last_owner_refusal,
    set_account_disabled,
    set_membership_disabled,
    set_tags,
)
from switchroom.store.authority_writer.roles import create_role, delete_role, edit_role

__all__ = [
    "BindingWish",
    "Change",
    "Outcome",
    "add_member",
    "bind",
    "create_role",
    "delete_role",
    "edit_role",
    "end_membership",
    "freeze",
    "hold_all_of",
    "hold_authority",
    "last_owner_refusal",
    "lift",
    "recover",
    "restrict",
    "set_account_disabled",
    "set_membership_disabled",
    "set_plan",
    "set_tags",
    "unbind",
]
