"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.people import pages_account, pages_customers, pages_keys, pages_staff

urlpatterns = [
    path("customers/", pages_customers.customers, name="customers"),
    path("customers/<path:reference>/edit", pages_customers.edit, name="customer_edit"),
    path("customers/<path:reference>/consent", pages_customers.consent, name="customer_consent"),
    path("customers/<path:reference>/export", pages_customers.hand_out, name="customer_export"),
    path("customers/<path:reference>/erase", pages_customers.erase, name="customer_erase"),
    path("customers/<path:reference>/", pages_customers.customer, name="customer"),
    path("settings/people/", pages_staff.people, name="settings_people"),
    path("settings/people/invite/", pages_staff.invite, name="settings_invite"),
    path(
        "settings/people/invitations/<int:number>/withdraw/",
        pages_staff.withdraw,
        name="settings_withdraw",
    ),
    path("settings/people/<int:number>/", pages_staff.member, name="settings_member"),
    path("settings/people/<int:number>/leave/", pages_staff.leave, name="settings_leave"),
    path(
        "settings/people/<int:number>/password/",
        pages_staff.password_link,
        name="settings_password_link",
    ),
    path("settings/people/<int:number>/sign-out/", pages_staff.sign_out, name="settings_sign_out"),
    path("settings/rights/", pages_staff.rights, name="settings_rights"),
    path("settings/keys/", pages_keys.keys, name="settings_keys"),
    path("settings/keys/<int:number>/revoke/", pages_keys.revoke, name="settings_revoke"),
    path("account/", pages_account.account, name="account"),
    path("account/sign-out/", pages_account.sign_out_everywhere, name="account_sign_out_all"),
    path("join/<str:token>/", pages_account.join, name="join"),
    path("password/<str:token>/", pages_account.choose_password, name="password_link"),
    path("welcome/soon/", pages_account.soon, name="welcome_soon"),
    path("welcome/t/<str:token>/", pages_account.first, name="welcome_first"),
]
