"""The names of roles in the store."""

from __future__ import annotations

from ....domain.lease import Role

# Stores hold these names since version 0.1.0. Instances of that version may run beside this one.
ROLE_FIELDS = {Role.LEADER: "watch", Role.STANDBY: "deputy"}
_ROLES = {field.encode(): role for role, field in ROLE_FIELDS.items()}


def decode_role(field: bytes) -> Role:
    """Returns the role with a name of the store."""
    return _ROLES[field]
