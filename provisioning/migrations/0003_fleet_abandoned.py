"""A run that other code supersedes ends as abandoned, and a tenant that others lock is held up instead of closed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    # What is removed comes back in the same transaction, knowing one more state.
    expansion = "provisioning.0002_fleet"

    dependencies = [("provisioning", "0002_fleet")]

    operations = [
        migrations.RemoveConstraint(model_name="fleetrun", name="fleet_run_one_at_a_time"),
        migrations.RemoveIndex(model_name="fleetmove", name="fleet_move_open"),
        migrations.AlterField(
            model_name="fleetmove",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("running", "Running"),
                    ("held_up", "Held up"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                ],
                default="pending",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="fleetrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("running", "Running"),
                    ("paused", "Paused"),
                    ("stopped", "Stopped"),
                    ("done", "Done"),
                    ("abandoned", "Abandoned"),
                ],
                default="running",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="fleetmove",
            index=models.Index(
                condition=models.Q(("state__in", ("pending", "running", "held_up"))),
                fields=["run", "wave", "id"],
                name="fleet_move_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="fleetrun",
            constraint=models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(("state__in", ("done", "abandoned")), _negated=True),
                name="fleet_run_one_at_a_time",
            ),
        ),
    ]
