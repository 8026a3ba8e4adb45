"""Load on a server that streams answers: open loop, counted from the intended start of each request.

The server is whatever engine a user deploys, behind the OpenAI interface.  `measure` puts one load on it
and `figures` makes a case of the record from the repeats. Imports `workload`, `measure` and `results`, and never
torch.
"""
