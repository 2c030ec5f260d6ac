"""The emulated board in the simulated world, in lockstep: `host patrol`."""
