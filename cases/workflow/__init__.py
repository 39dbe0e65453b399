"""The steps: every change of a case's state, one module per subject."""
