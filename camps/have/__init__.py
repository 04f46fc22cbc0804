"""EDXL-HAVE 2.0: exchange of the state of hospitals with other systems (OASIS, Committee Specification 02, 18 March 2019).

checking: bytes → a tree that is safe, of the right version, and valid; what is not exchanged becomes a warning in words.
reading: tree → plain data. writing: plain data → bytes. importing: plain data → hospital reports, dry run first.
"""
