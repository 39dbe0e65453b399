"""The demo world: invented people and courses, made through the real steps while a clock moves."""
