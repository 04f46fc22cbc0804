"""Finding and comparing people by name, in any script and spelling. Pure: no database, no clock, no settings.

- ``sounds``: the letters of a word → its sound, and the skeleton of its consonants;
- ``words``: a name as somebody wrote it → its words, with endings, particles and initials understood;
- ``nicknames``: short forms and traditional variants, as data;
- ``keys``: what a name is filed under, and what a question looks up;
- ``likeness``: how alike two names are;
- ``evidence``: how well two descriptions of people fit, field by field.
"""
