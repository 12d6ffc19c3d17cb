"""What the ORM lacks: the database's clock, rows by the thousand, statements that are built once."""
