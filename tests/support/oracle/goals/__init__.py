"""What sites ask to be counted: goals and funnels, from the events of people."""
