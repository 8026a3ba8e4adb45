"""A bundle: one zip file with a scenario, all that its numbers rest on, what they come to, and the means to check it.

`archive` writes and reads zip files of which nothing has to be trusted, `crate` is the manifest of hashes, `contents`
makes the members, `signing` signs the manifest, and `verifying` computes everything again.
"""
