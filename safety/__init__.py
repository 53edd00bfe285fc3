"""The kernel: the words everyone uses, the policy, verdicts, cases, releases, the ledger and the database handle.

It imports nothing of the other folders and never torch, Faust or FastAPI, so that what decides can be read and tested alone.
"""
