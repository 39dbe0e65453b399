"""Adding a document, and correcting what is said of one."""

from datetime import date

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases import contents
from cases.forms.choices import choices_of, offer
from cases.forms.fields import DayField
from cases.forms.step import StepForm, helper_for
from cases.models import Case, Consent, Document, DocumentKind, Person
from cases.workflow import documents as workflow
from cases.workflow.once import has_arrived
from providers.models import LegalDomain, StaffMember

# A year before this is a slip of the keyboard.
FIRST_YEAR = 1900
LAST_YEAR = 2200
# What the browser offers to choose from. Phones that take photos in a format of their own turn
# them into JPEG where that is asked for.
ACCEPT = ",".join(
    [one.media_type.partition(";")[0] for one in contents.TYPES]
    + [f".{ending}" for one in contents.TYPES for ending in one.extensions]
)
CHOOSE_AGAIN = _("Please choose the file again: for your safety, the browser does not keep it.")


class CheckedFileField(forms.FileField):
    """A file, judged by its content; its value is a `contents.CheckedFile`."""

    default_error_messages = {
        "empty": _("The file is empty."),
        "invalid": _("No file arrived. Please choose it again."),
        "missing": _("No file arrived. Please choose it again."),
    }

    def to_python(self, data):
        # Of one that is too large the content was dropped on arrival (kim_portal.uploads).
        if data not in self.empty_values and data.size > settings.LARGEST_DOCUMENT:
            raise contents.too_large()
        upload = super().to_python(data)
        return upload if upload is None else contents.checked(upload.read(), upload.name)


class DocumentForm(StepForm):
    """What is said of a document; what is seldom needed is folded away."""

    kind = forms.ModelChoiceField(
        DocumentKind.objects.filter(is_active=True),
        label=_("What it is"),
        empty_label=_("Please choose"),
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        required=False,
        help_text=_("Such as: decision of 3 May. Empty: what it is."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    dated_on = DayField(label=_("Date on the document"), required=False)
    valid_until = DayField(
        label=_("Valid until"),
        required=False,
        help_text=_("For papers that run out: passport, residence title, approval."),
    )
    legal_domain = forms.ModelChoiceField(
        LegalDomain.objects.none(), label=_("Legal domain"), required=False
    )
    concerns = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Whom it concerns"),
        required=False,
        empty_label=_("All of the household"),
    )
    is_confidential = forms.BooleanField(
        label=_("Confidential: on no paper for another member of the household"), required=False
    )
    consent = forms.ModelChoiceField(
        Consent.objects.none(), label=_("Signed paper of a consent"), required=False
    )
    note = forms.CharField(
        label=_("Note"), max_length=1_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    details = ("legal_domain", "concerns", "is_confidential", "consent", "note")

    def __init__(self, *args, case: Case, **kwargs):
        super().__init__(*args, **kwargs)
        lists = choices_of(DocumentKind, LegalDomain)
        offer(self.fields["kind"], lists[DocumentKind], empty=_("Please choose"))
        self.fields["legal_domain"].queryset = LegalDomain.objects.current()
        offer(self.fields["legal_domain"], lists[LegalDomain], empty="–")
        self.fields["concerns"].queryset = Person.objects.of_case(case)
        consents = self.fields["consent"]
        consents.queryset = workflow.consents_of(case)
        consents.label_from_instance = lambda consent: (
            f"{consent.get_kind_display()}, {consent.valid_from:%d.%m.%Y}"
        )

    def clean_dated_on(self):
        day = _likely(self.cleaned_data["dated_on"])
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("The date on the document lies in the future."))
        return day

    def clean_valid_until(self):
        return _likely(self.cleaned_data["valid_until"])

    def clean(self):
        data = super().clean()
        dated_on, valid_until = data.get("dated_on"), data.get("valid_until")
        if dated_on and valid_until and valid_until < dated_on:
            self.add_error("valid_until", _("A document cannot run out before its own date."))
        if data.get("is_confidential") and not data.get("concerns") and not self.errors:
            self.add_error("concerns", _("Please say to whom it is confidential."))
        return data

    @property
    def helper(self):
        helper = helper_for(self)
        helper.layout = Layout(
            *self.first,
            "kind",
            "title",
            Div("dated_on", "valid_until", css_class="form-row"),
            HTML(self._opening_of_details()),
            *self.details,
            HTML("</details>"),
        )
        return helper

    first: tuple[object, ...] = ()

    def _opening_of_details(self):
        is_open = any(self[name].value() or name in self.errors for name in self.details)
        return format_html(
            '<details class="more-fields"{}><summary>{}</summary>',
            " open" if is_open else "",
            _("More: legal domain, whom it concerns, consent, note"),
        )


class AddDocumentForm(DocumentForm):
    """A new document: a file that is there, or a photo taken now."""

    creates = True
    submit_label = _("Add the document")

    file = CheckedFileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("PDF, JPEG, PNG, Word, Excel, PowerPoint, OpenDocument or text; up to 20 MB."),
    )
    photo = CheckedFileField(
        label=_("Or take a photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
        help_text=_("Place and time that the phone writes into a photo are removed."),
    )
    keep_both = forms.BooleanField(label=_("Keep both"), required=False, widget=forms.HiddenInput)

    first = ("file", Div("photo", css_class="photo-field"), "keep_both")

    def __init__(self, *args, case: Case, reader: StaffMember, **kwargs):
        super().__init__(*args, case=case, **kwargs)
        self.case, self.reader = case, reader
        # The equal document that the case holds already, once a file has been compared.
        self.known: Document | None = None

    def clean(self):
        data = super().clean()
        file, photo = data.get("file"), data.pop("photo", None)
        if file and photo:
            self.add_error("photo", _("Please choose a file or a photo, not both."))
        data["file"] = file or photo
        chosen = "photo" if photo else "file"
        if data["file"] is None:
            self._ask_for_the_file()
        elif self.errors:
            self.add_error(chosen, CHOOSE_AGAIN)
        elif not data.get("keep_both"):
            self._compare(data["file"], chosen)
        data.pop("keep_both", None)
        return data

    def _ask_for_the_file(self):
        if not {"file", "photo"} & set(self.errors):
            self.add_error("file", _("Please choose a file or take a photo."))

    def _compare(self, file: contents.CheckedFile, chosen: str) -> None:
        """Point to an equal document of this case; the same form sent again is no second one."""
        if has_arrived(self.cleaned_data["once_key"], by=self.reader):
            return
        self.known = workflow.with_this_content(file, self.reader).filter(case=self.case).first()
        if self.known is None:
            return
        sentence = _(
            "This file is in the case already, as “%(title)s”. To keep both, tick the box below "
            "and choose the file again."
        )
        self.add_error(chosen, sentence % {"title": self.known.title})
        self.fields["keep_both"].widget = forms.CheckboxInput()


class CorrectDocumentForm(DocumentForm):
    """What is said of a document; the document itself stays as it is."""

    submit_label = _("Save the correction")

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, document: Document, **kwargs):
        super().__init__(*args, case=document.case, **kwargs)
        for name in ("title", "dated_on", "valid_until", "is_confidential", "note"):
            self.fields[name].initial = getattr(document, name)
        for name in ("kind", "legal_domain", "concerns", "consent"):
            self.fields[name].initial = getattr(document, f"{name}_id")
        self.fields["version"].initial = workflow.version_of(document)


def _likely(day: date | None) -> date | None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise forms.ValidationError(_("Please check the year."))
    return day
