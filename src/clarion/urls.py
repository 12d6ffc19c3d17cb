app_name = "clarion"
urlpatterns: list = []
