"""The probe: an app for workers under test, with one event type, whose handler shows that it ran."""
