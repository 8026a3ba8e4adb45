"""What pages are made of: charts, tiles, tables, forms, and the words of one reader's language."""
