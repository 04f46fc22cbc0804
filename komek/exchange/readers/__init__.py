"""Reading files other people made: CSV, XLSX, HXL in either, GeoJSON, KML. Each gives a ``Table`` of texts."""

from komek.exchange.readers.opening import open_table
from komek.exchange.readers.table import Table

__all__ = ["Table", "open_table"]
