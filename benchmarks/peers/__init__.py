"""The others: published packages at their best documented settings, and the seed's flow written plainly."""
