"""People who work here: inviting them, their roles, their leaving."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.fields import Form
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.people import links, listing, staffing
from overdeliver.apps.people.forms import invite_form, right_word, staff_form
from overdeliver.apps.people.rules import RIGHTS, ROLES, rights_of_role
from overdeliver.vocabulary.errors import Conflict, InputError


@needs("people.manage")
def people(request: HttpRequest) -> HttpResponse:
    """`/settings/people/`: everybody, with role, team, second factor; open invitations."""
    rows = listing.staff()
    context = {
        "rows": [row for row in rows if row.active],
        "gone": [row for row in rows if not row.active],
        "invitations": listing.invitations(),
        "unsafe": sum(
            row.active and row.role in ("owner", "manager") and not row.second_factor
            for row in rows
        ),
    }
    return render(request, "people/people.html", context)


@needs("people.manage")
def invite(request: HttpRequest) -> HttpResponse:
    """`/settings/people/invite/`: makes a link that works once, shown now and never again."""
    form = invite_form(listing.teams())
    if request.method == "POST" and form.fill(request.POST):
        try:
            token = links.invite(
                form.text("email"),
                form.text("role"),
                team=form.text("team"),
                language=form.text("language"),
                by=request.user.pk,
            )
        except (InputError, Conflict) as error:
            form.refuse(error)
        else:
            return _link(request, "join", token, form.text("email"), "invite")
    return render(request, "people/invite.html", {"form": form}, status=200 if form.right else 422)


@needs("people.manage")
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """An invitation works no longer."""
    links.withdraw_invitation(number)
    messages.success(request, str(word("people.staff.withdrawn")))
    return redirect("settings_people")


@needs("people.manage")
def member(request: HttpRequest, number: int) -> HttpResponse:
    """`/settings/people/NUMBER/`: name, role, team; leaving; a new password; lost factor."""
    row = listing.staff_member(number)
    form = staff_form(row, listing.teams())
    if request.method == "POST" and form.fill(request.POST):
        try:
            staffing.change_staff(
                number,
                role=form.text("role"),
                team=form.text("team"),
                name=form.text("name"),
                language=form.text("language"),
            )
        except (InputError, Conflict) as error:
            _refuse(form, error)
        else:
            messages.success(request, str(word("people.saved")))
            return redirect("settings_people")
    context = {
        "form": form,
        "row": row,
        "self": row.id == request.user.pk,
        "subject": f"staff:{row.id}",
    }
    return render(request, "people/member.html", context, status=200 if form.right else 422)


@needs("people.manage")
@require_POST
def leave(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody may sign in no longer, or again."""
    if request.POST.get("active") == "yes":
        staffing.reactivate(number)
        messages.success(request, str(word("people.staff.back")))
        return redirect("settings_people")
    try:
        staffing.deactivate(number)
    except Conflict:
        messages.error(request, str(word("people.staff.last_owner")))
        return redirect("settings_member", number=number)
    messages.success(request, str(word("people.staff.left")))
    return redirect("settings_people")


@needs("people.manage")
@require_POST
def password_link(request: HttpRequest, number: int) -> HttpResponse:
    """Make a link with which somebody chooses a new password."""
    row = listing.staff_member(number)
    return _link(request, "password_link", links.password_link(number), row.email, "password")


@needs("people.manage")
@require_POST
def sign_out(request: HttpRequest, number: int) -> HttpResponse:
    """End somebody's sessions; with ``factor`` his lost second factor is taken away too."""
    if request.POST.get("factor"):
        staffing.drop_second_factor(number)
    staffing.sign_out_everywhere(number)
    messages.success(request, str(word("people.account.signed_out")))
    return redirect("settings_member", number=number)


@needs("settings.see")
def rights(request: HttpRequest) -> HttpResponse:
    """`/settings/rights/`: what each role may see and do."""
    rows = [
        (right_word(right), [right in rights_of_role(role) for role in ROLES]) for right in RIGHTS
    ]
    return render(request, "people/rights.html", {"rows": rows, "roles": ROLES})


def _link(request: HttpRequest, page: str, token: str, email: str, what: str) -> HttpResponse:
    """Show a link once; the outbox mails it too where mail goes out from here."""
    here = business.business()
    context = {
        "link": links.address_of(page, token),
        "email": email,
        "what": what,
        "mailed": bool(settings.KNOBS["mail_url"]) and not (here and here.demo),
    }
    return render(request, "people/link.html", context)


def _refuse(form: Form, error: InputError | Conflict) -> None:
    if isinstance(error, Conflict):
        form.wrong("role", str(word("people.staff.last_owner")))
    else:
        form.refuse(error)
