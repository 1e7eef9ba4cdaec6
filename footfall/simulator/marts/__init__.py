"""The rows that every mart must hold, from sessions made as sessions: a module for each mart, or for some of a kind.

A row is a dict by column. A session is named by its first event, a contact by its e-mail address; moments are
milliseconds since 1970.
"""
