"""Names in a prepared folder."""

USERS = "users.tsv"
ITEMS = "items.tsv"
NUMBERS = {"user": "userID", "item": "itemID"}
"""The columns of the numbers from 0."""
ORIGINAL = "original_id"
"""The column of the ids in the raw files."""
