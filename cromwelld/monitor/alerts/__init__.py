"""Alerts: rules that turn how everything stands into what a person must know, told once over each channel."""
