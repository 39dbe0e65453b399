"""Figures: each defined once, given the rows its reader may count."""
