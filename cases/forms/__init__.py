"""One form per step: its fields, its rules, its words."""
