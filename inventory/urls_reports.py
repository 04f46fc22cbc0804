"""Addresses of the inventory's reports."""

from django.urls import path

from inventory import report_pages, reports_goods, reports_movements

urlpatterns = [
    path("stock/reports/", report_pages.reports, name="reports"),
    path("stock/reports/card/", reports_movements.CardReport.as_view(), name="report_card"),
    path("stock/reports/past/", reports_movements.PastReport.as_view(), name="report_past"),
    path("stock/reports/donors/", reports_movements.DonorReport.as_view(), name="report_donors"),
    path("stock/reports/levels/", reports_goods.LevelsReport.as_view(), name="report_levels"),
    path("stock/reports/expiring/", reports_goods.ExpiringReport.as_view(), name="report_expiring"),
    path("stock/reports/pipeline/", reports_goods.PipelineReport.as_view(), name="report_pipeline"),
]
