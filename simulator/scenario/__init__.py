"""From a scenario file to a frozen `Scenario`, and back to the file with its comments kept.

`document` reads the text safely, `values`, `chances`, `measured` and `curves` say what an assumption may be,
`reading` finds every mistake at once, and `overlays` lays what-ifs over a file. Imports `lines` and `engine`, and of
profiling only the records that a scenario refers to.
"""
