"""Pages: load through a door, check, form, act, answer. One module per subject."""
