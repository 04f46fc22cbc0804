"""Requests for support, tracked to the end, and the promises that meet them."""
