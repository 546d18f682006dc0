"""A run in the forms of others: pages, networks, tables; each folder whole or absent."""
