"""Charts of records as text: SVG, in colours that everybody can tell apart."""
