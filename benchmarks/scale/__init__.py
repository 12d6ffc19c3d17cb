"""Scale: what an event costs, and how a day of them goes."""
