"""How fast Footfall is, as ratios that were measured side by side in one run.

It may use everything; nothing uses it. Judges no correctness: that is `tests/`.
"""
