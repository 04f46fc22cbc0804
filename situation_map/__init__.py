"""The situation map: one picture of what every registry knows. It joins them through the sockets and imports none of them."""
