"""The names of roles in the store."""

from __future__ import annotations

from ....domain.lease import Role

# The names in version 0.1.0. Its stores contain them, and its instances may run beside this one.
ROLE_FIELDS = {Role.LEADER: "watch", Role.STANDBY: "deputy"}
_ROLES = {field.encode(): role for role, field in ROLE_FIELDS.items()}


def decode_role(field: bytes) -> Role:
    """Returns the role of a name in the store."""
    return _ROLES[field]
