"""From a scenario file to a frozen `Scenario`, and back to the file with its comments kept.

`document` reads the text safely; `values` and `chances` define what an assumption may be, `records` how it rests on
measurements; `settings` what a scenario says at its head; `reading` finds every mistake at once; `overlays` applies
what-ifs. Imports `lines` and `engine`, and of profiling only `files`, `errors` and `results`.
"""
