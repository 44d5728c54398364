"""Choosing a model; later the model manager."""
