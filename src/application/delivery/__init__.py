"""Delivery: claims due messages, delivers them and settles them."""
