"""The parameter sidebar: what the model is told and how it chooses, each control with its effect in words."""
