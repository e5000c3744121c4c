from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0004_run_kinds"),
    ]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="kind",
            field=models.CharField(
                choices=[
                    ("create_organization", "Create an organization"),
                    ("archive_organization", "Archive an organization"),
                    ("import_organization", "Import an organization"),
                    ("restore_organization", "Restore a snapshot beside an organization"),
                    ("swap_organization", "Put a restored snapshot in an organization's place"),
                    ("move_organization", "Move an organization to another cluster"),
                ],
                max_length=32,
            ),
        ),
    ]
