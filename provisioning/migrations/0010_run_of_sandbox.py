"""An index of the few runs about sandboxes, so that a page about one does not read all runs of the fleet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0009_health"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("kind__in", ("clone_organization", "promote_sandbox"))),
                fields=["id"],
                name="run_of_sandbox",
            ),
        ),
    ]
