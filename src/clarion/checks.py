"""System checks: a misconfiguration is named, with its fix, before it can lose anything."""
