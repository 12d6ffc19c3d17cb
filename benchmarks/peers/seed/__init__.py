"""The seed's own flow, as its design describes it: a task, look-ups and rows for each person."""
