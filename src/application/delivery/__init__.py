"""Delivery: claims due messages, delivers them and settles the claims."""
