"""Settings: the texts of messages, in five languages."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business.fields import Field, Form
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import language, word
from overdeliver.apps.outreach import saying, texts, writing
from overdeliver.apps.outreach.rules.filling import fill
from overdeliver.vocabulary.errors import InputError, NotFound


@needs("settings.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/settings/templates/`: every text there is."""
    rows = [
        {"name": kind.name, "title": saying.text_name(kind), "own": texts.own_languages(kind.name)}
        for kind in texts.kinds()
        if kind.purpose != "staff"
    ]
    own = sum(bool(row["own"]) for row in rows)
    context = {"rows": rows, "own": own, "here": language()}
    return render(request, "outreach/texts.html", context)


@needs("settings.see")
def one(request: HttpRequest, name: str, tongue: str) -> HttpResponse:
    """One text in one language, as it reads with an example."""
    return _page(request, name, tongue, _form(_wording(name, tongue)))


@needs("settings.write")
@require_POST
def save(request: HttpRequest, name: str, tongue: str) -> HttpResponse:
    """The business's own text from now on, or the built-in one again."""
    if request.POST.get("act") == "back":
        writing.set_back(name, tongue)
        messages.success(request, str(word("outreach.texts.is_back")))
        return redirect("settings_template", name, tongue)
    form = _form(_wording(name, tongue))
    if form.fill(request.POST):
        try:
            writing.save_text(name, tongue, form.text("subject"), form.text("text"))
        except InputError as error:
            form.refuse(error)
        else:
            messages.success(request, str(word("business.saved")))
            return redirect("settings_template", name, tongue)
    return _page(request, name, tongue, form, status=422)


def _page(
    request: HttpRequest, name: str, tongue: str, form: Form, status: int = 200
) -> HttpResponse:
    wording, kind = _wording(name, tongue), texts.kind(name)
    sample = texts.samples(name, tongue)
    context = {
        "title": saying.text_name(kind),
        "wording": wording,
        "form": form,
        "fields": [f"{{{{ {field} }}}}" for field in kind.all_fields],
        "subject": fill(wording.subject, sample),
        "text": fill(wording.text, sample, kind.links),
        "tongues": settings.LANGUAGES,
    }
    return render(request, "outreach/text.html", context, status=status)


def _wording(name: str, tongue: str) -> texts.Wording:
    found = texts.wording(name, tongue)
    if found is None:
        raise NotFound(f"template {name!r}: it has no text in {tongue!r}")
    return found


def _form(wording: texts.Wording) -> Form:
    return Form(
        Field("subject", word("outreach.one.subject"), value=wording.subject, required=True),
        Field(
            "text",
            word("outreach.one.text"),
            "textarea",
            wording.text,
            word("outreach.texts.hint"),
            required=True,
            rows=14,
        ),
    )
