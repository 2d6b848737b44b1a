"""Durable execution, pure: data in, data out."""
