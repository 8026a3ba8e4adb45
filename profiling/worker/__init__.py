"""The process behind a profile run: it holds the device and measures each repeat of each case in a fresh process.

`worker` goes through the cases, `isolation` starts processes, `repeat` measures one repeat, and `ranks` spreads one
over several devices. Imports the rooms that run models; only `commands` stands above.
"""
