"""How often an invoice was tried to be charged, when it is tried again, and whether the bank waits for the card's owner."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_reversals")]

    operations = [
        migrations.AddField("billinginvoice", "attempts", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField("billinginvoice", "next_attempt_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("billinginvoice", "wants_owner", models.BooleanField(db_default=False, default=False)),
    ]
