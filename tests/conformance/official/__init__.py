"""The functions on AWS's own SDK for Python, as a user writes them; nothing of ours is in them."""
