"""One module for each page of the menu; a page is a function that draws a finished projection.

Pages may import everything else in `dashboard`; nothing but `app.py` imports pages.
"""
