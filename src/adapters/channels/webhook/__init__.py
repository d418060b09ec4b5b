"""Webhooks: messages sent as signed HTTP requests to addresses that the policy allows."""

from .address_policy import AddressPolicy
from .channel import WebhookChannel
from .connections import Connections

__all__ = ["AddressPolicy", "Connections", "WebhookChannel"]
