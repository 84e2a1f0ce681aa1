"""The tests, divided by what they need.

``lstm_lab``, ``book`` and ``tools`` need nothing, ``browser`` a Chromium, ``site`` the built book.
"""
