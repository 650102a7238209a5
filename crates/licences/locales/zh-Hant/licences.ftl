# Nothing to correct yet.
