"""The API: what every registry's resources share. See ``viewsets.RecordViewSet`` and ``router``."""
