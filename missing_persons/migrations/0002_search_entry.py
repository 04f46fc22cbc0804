import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("missing_persons", "0001_initial"),
        ("operations", "0002_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_entry",
                        serialize=False,
                        to="missing_persons.person",
                    ),
                ),
                ("is_public", models.BooleanField()),
                (
                    "sex",
                    models.CharField(
                        choices=[("female", "female"), ("male", "male"), ("other", "other"), ("unknown", "not known")],
                        max_length=8,
                    ),
                ),
                ("born_from", models.DateField(null=True)),
                ("born_to", models.DateField(null=True)),
                ("names", models.TextField()),
                ("sounds", models.TextField()),
                ("keys", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                (
                    "operation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="operations.operation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["keys"], name="missing_search_keys"
                    )
                ],
            },
        ),
    ]
