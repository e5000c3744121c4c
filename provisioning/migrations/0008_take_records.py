from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0007_erasing_runs"),
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
                    ("clone_organization", "Copy an organization to a sandbox"),
                    ("promote_sandbox", "Bring parts of a sandbox into its organization"),
                    ("erase_organization", "Erase an organization"),
                    ("take_records", "Take single records from a restored snapshot"),
                ],
                max_length=32,
            ),
        ),
    ]
