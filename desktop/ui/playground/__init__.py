"""The playground: prompts, models and parameters compared."""
