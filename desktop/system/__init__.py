"""This machine: where files live, what the log says, what the hardware can do. Imports ``domain`` only."""
