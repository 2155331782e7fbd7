from django.urls import path

from focal.mail import views

app_name = "mail"
urlpatterns = [
    path("", views.letters, name="letters"),
    path("addresses/resume/", views.resume, name="resume"),
    path("<str:reference>/", views.letter, name="letter"),
    path("<str:reference>/drawn/", views.drawn, name="drawn"),
    path("<str:reference>/again/", views.again, name="again"),
]
