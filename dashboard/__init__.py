"""The dashboard, in four rooms: `desk`, `parts`, `profiler` and `pages`, each of which imports only those before it.

Only this package and `app.py` import streamlit.
"""
