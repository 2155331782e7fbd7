from django.urls import path

from focal.alerts import views

app_name = "alerts"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("open/", views.open_item, name="open"),
    path("nudge/", views.nudge, name="nudge"),
    path("mark/", views.mark, name="mark"),
    path("following/", views.following, name="following"),
    path("following/add/", views.follow, name="follow"),
    path("following/save-search/", views.save_search, name="save_search"),
    path("following/choose/", views.choose, name="choose"),
    path("following/<str:reference>/", views.change, name="change"),
    path("following/<str:reference>/give-up/", views.give_up, name="give_up"),
    path("stop/<str:token>/", views.stop, name="stop"),
]
