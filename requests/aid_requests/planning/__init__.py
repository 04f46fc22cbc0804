"""Sharing scarce goods out among many needs: plain data in, a proposal out. No database, no clock, no settings."""
