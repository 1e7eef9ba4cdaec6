"""What sites want to see reached: goals, and funnels of several steps. Counting them is left to the models."""
