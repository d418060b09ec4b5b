"""Integrations: modules that other programs import, to use Postdate from within their own framework."""
