"""PFIF, the People Finder Interchange Format, versions 1.1 to 1.4 (http://zesty.ca/pfif/): reading, writing, import, feeds.

``versions``, ``records``, ``values``, ``streaming``, ``reading`` and ``writing`` know neither database nor settings.
"""
