"""The beginning of a company: eight questions, what such companies have in common, and the scenario file made of both.

`questions` asks, `answers` reads what was answered, `product` and `business` build the sections of the file, and
`writing` writes its text.
"""
