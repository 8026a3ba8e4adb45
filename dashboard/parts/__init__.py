"""Parts of pages: charts, tiles, tables, forms, levers, the menu, and the words of the reader's language.

Parts may import `desk`, the simulator, and of profiling only `results`.
"""
