"""The API's description of itself: the schema, and a page for people."""
