"""Exercise Kopetdag: districts invented around real towns, because official district boundaries do not come with Komek."""

from __future__ import annotations

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import connection

from komek.extensions.exercise import ExerciseContext
from komek.places.finding import rebuild_parts
from komek.places.models import Area, Generation, GenerationState, Settlement
from komek.places.reference_data import store_names

EPICENTRE = (57.5, 38.2)
AFFECTED_WITHIN_M = 260_000
TOWNS_PER_REGION = 8

# Voronoi cells of a region's largest towns, cut to the region: each place belongs to the nearest town.
_CELLS_SQL = """
WITH town AS (
    SELECT id, name, location::geometry AS point FROM places_settlement WHERE id = ANY(%(towns)s)
), cell AS (
    SELECT (ST_Dump(ST_VoronoiPolygons(ST_Collect(point), 0, region.geometry))).geom AS shape, region.geometry AS region
    FROM town, (SELECT geometry FROM places_area WHERE id = %(region)s) region GROUP BY region.geometry
)
SELECT town.name, ST_X(town.point), ST_Y(town.point),
       ST_AsEWKB(ST_Multi(ST_CollectionExtract(ST_Intersection(cell.shape, cell.region), 3)))
FROM cell JOIN town ON ST_Contains(cell.shape, town.point)
ORDER BY town.id
"""


class PlacesExercise:
    key = "places"
    order = 10

    def load(self, context: ExerciseContext) -> None:
        regions = list(Area.objects.filter(generation__state=GenerationState.ACTIVE, level=1, operation=None))
        districts: list[Area] = []
        for region in regions:
            if region.pcode.startswith("AZ"):
                continue  # its regions are small enough as they are
            towns = list(
                Settlement.objects.filter(area=region)
                .order_by("-population", "pk")
                .values_list("pk", flat=True)[:TOWNS_PER_REGION]
            )
            if len(towns) < 2:
                continue
            with connection.cursor() as cursor:
                cursor.execute(_CELLS_SQL, {"towns": towns, "region": region.pk})
                for number, (name, lon, lat, shape) in enumerate(cursor.fetchall(), 1):
                    geometry = GEOSGeometry(memoryview(shape))
                    districts.append(
                        Area(
                            generation=region.generation, operation=context.operation, parent=region, level=2,
                            kind="exercise district", pcode=f"{region.pcode}-X{number:02d}", name=f"{name} (exercise)",
                            geometry=geometry, centre=Point(lon, lat, srid=4326),
                        )
                    )  # fmt: skip
        Area.objects.bulk_create(districts)
        store_names(districts)
        for generation in Generation.objects.filter(pk__in={district.generation_id for district in districts}):
            rebuild_parts(generation, context.operation)
        context.progress("districts", len(districts), len(districts))
        context.made["areas"] = {"regions": regions, "districts": districts, "affected": _affected(districts)}


def _affected(districts: list[Area]) -> list[Area]:
    """Districts whose centre lies near the invented epicentre, nearest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM places_area WHERE id = ANY(%s) AND ST_DWithin(centre::geography, "
            "ST_MakePoint(%s, %s)::geography, %s) ORDER BY ST_Distance(centre::geography, ST_MakePoint(%s, %s)::geography)",
            [[district.pk for district in districts], *EPICENTRE, AFFECTED_WITHIN_M, *EPICENTRE],
        )
        order = [row[0] for row in cursor.fetchall()]
    by_pk = {district.pk: district for district in districts}
    return [by_pk[pk] for pk in order]


PLUGS = [PlacesExercise()]
