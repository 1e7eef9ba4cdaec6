"""All marts as they must come out, by plain reading of the rules: lists, sorted, groupby. Shares no code with the product.

`marts` makes them of accepted events. Read the rules in the marts' descriptions; where the two disagree, one of them
is wrong. `tests.support.marts.comparison` finds where a database holds something else.
"""
