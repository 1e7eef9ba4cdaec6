"""The partitions of Dagster's assets: a run for a day builds the days that are dirty up to it."""

import dagster as dg

DAILY = dg.DailyPartitionsDefinition(start_date="2024-01-01")
