"""Entries say whether money had come by then; those from before stay as they were written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("business", "0002_chain")]
    operations = [migrations.AddField("mrrentry", "has_paid", models.BooleanField(null=True))]
