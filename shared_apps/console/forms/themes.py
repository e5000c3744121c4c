"""Installing a theme package."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from themes.packing.reading import LARGEST_ZIP
from webui.forms import StoaForm


class PackageForm(StoaForm):
    """The file. What is in it is looked at by the linter alone."""

    file = forms.FileField(label=_("Package"), help_text=_("A zip that was written by “theme pack”, at most 5 MB."))

    def clean_file(self) -> UploadedFile:
        """A file that is worth reading."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > LARGEST_ZIP:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file
