"""Bring documents in and keep them true. Knows `index`, not `service`."""
