"""Published facts: data sheets, dated prices and published runs, in `tables/`, each with its source.

Only the standard library and `places` are imported, which says where a user keeps tables of their own.
"""
