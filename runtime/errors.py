"""The base of every failure that a person can fix. Anything else that is raised is a bug and shows its traceback."""


class FootfallError(Exception):
    """What failed or was refused, and what to do about it, in words for the person at the terminal.

    Each border raises a class of its own. An outcome that callers always handle, such as a torn segment, is not one.
    """
