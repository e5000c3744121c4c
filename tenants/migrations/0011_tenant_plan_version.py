"""Which version of its plan an organization is on: everybody who is here, on the first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0010_slow_statements")]
    operations = [
        migrations.AddField(
            model_name="tenant",
            name="plan_version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]
