"""Installing a theme package."""

from __future__ import annotations

from django import forms
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from themes.packing.reading import LARGEST_ZIP
from webui.forms import StoaForm


class PackageForm(StoaForm):
    """The file. What is in it is looked at by the linter alone."""

    file = forms.FileField(label=_("Package"), help_text=_("A zip that was written by “theme pack”, at most 5 MB."))

    def clean_file(self) -> File[bytes]:
        """A file that is worth reading."""
        file: File[bytes] = self.cleaned_data["file"]
        if file.size > LARGEST_ZIP:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file
