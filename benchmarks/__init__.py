"""How fast Clarion is: beside others that do the same work, and beside what the database itself can do."""
