from django.db import migrations, models

import focal.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("indicators", "0004_names_for_those_without")]

    operations = [
        migrations.AlterField(
            model_name="observation",
            name="reference",
            field=models.CharField(
                default=focal.kernel.ids.new_reference, max_length=14, unique=True
            ),
        ),
    ]
