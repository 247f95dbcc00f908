"""As much of Theano as the agent hooks."""
