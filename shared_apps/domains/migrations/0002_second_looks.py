from django.db import migrations, models

_STATES = [
    ("claimed", "Waiting for your DNS records"),
    ("verified", "Proven, not pointing here yet"),
    ("issuing", "Getting a certificate"),
    ("live", "Live"),
    ("failing", "Failing"),
    ("released", "Removed"),
]


class Migration(migrations.Migration):
    dependencies = [("domains", "0001_initial")]

    operations = [
        migrations.AddField("customdomain", "asked_at", models.DateTimeField(null=True)),
        migrations.AddField("customdomain", "looking_until_at", models.DateTimeField(null=True)),
        migrations.AddField("customdomain", "state_since_at", models.DateTimeField(null=True)),
        migrations.AddField("customdomain", "aspects_seen_at", models.JSONField(db_default={}, default=dict)),
        migrations.AddField("customdomain", "aspects_silent_since", models.JSONField(db_default={}, default=dict)),
        migrations.AddField(
            "customdomain", "hint", models.CharField(blank=True, choices=_STATES, db_default="", default="", max_length=16)
        ),
        migrations.AddField("customdomain", "hinted_at", models.DateTimeField(null=True)),
    ]
