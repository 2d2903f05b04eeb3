from django.contrib.admin.apps import AdminConfig


class ExamPrepAdminConfig(AdminConfig):
    default_site = "examprep.admin_site.AuthorSite"
