"""Load on a server that streams answers: open loop, counted from the intended start of each request.

The server is whatever engine a user deploys, behind the OpenAI interface.  `measure` puts one load on it,
`figures` says what that means, and `curve` joins several loads into throughput and latency against load.
No torch.
"""
