"""Tools of the project's developers, which make data that ships; the product imports none of them."""
