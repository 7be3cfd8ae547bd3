"""What leaves the house sealed and signed, and what comes back signed: keys, seals, signatures, manifests, answers.

The protocol that these modules speak is `docs/reference/card-protocol.md`. Both sides of it may use them.
"""
