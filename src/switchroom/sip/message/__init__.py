"""Reading and writing SIP messages."""
