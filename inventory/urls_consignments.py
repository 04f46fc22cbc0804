"""Addresses of consignments."""

from django.urls import path

from inventory import consignment_pages, packing_pages, receipt_pages, waybill_pages

urlpatterns = [
    path("consignments/", consignment_pages.ConsignmentList.as_view(), name="consignments"),
    path("consignments/ask/", consignment_pages.ConsignmentAsk.as_view(), name="consignment_ask"),
    path("consignments/from-outside/", packing_pages.Announce.as_view(), name="consignment_announce"),
    path("consignments/<str:code>/", consignment_pages.consignment, name="consignment"),
    path("consignments/<str:code>/step/", consignment_pages.step, name="consignment_step"),
    path("consignments/<str:code>/pick/", consignment_pages.pick, name="consignment_pick"),
    path("consignments/<str:code>/dispatch/", consignment_pages.Dispatch.as_view(), name="consignment_dispatch"),
    path("consignments/<str:code>/carrier/", consignment_pages.Carrier.as_view(), name="consignment_carrier"),
    path("consignments/<str:code>/position/", consignment_pages.PositionAdd.as_view(), name="consignment_position"),
    path("consignments/<str:code>/cancel/", consignment_pages.Cancel.as_view(), name="consignment_cancel"),
    path("consignments/<str:code>/receive/", receipt_pages.receive, name="consignment_receive"),
    path("consignments/<str:code>/way.geojson", consignment_pages.way, name="consignment_way"),
    path("consignments/<str:code>/waybill/", waybill_pages.waybill, name="waybill"),
    path("consignments/<str:code>/waybill.pdf", waybill_pages.waybill_pdf, name="waybill_pdf"),
]
