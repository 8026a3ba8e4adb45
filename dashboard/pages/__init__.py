"""One module for each page of the menu. A page is a function of a finished projection and computes nothing."""
