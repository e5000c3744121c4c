from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_brand_kit")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="schema_base",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
    ]
