"""The pictures of the paper and of the ledger."""
