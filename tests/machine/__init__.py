"""A simulated return machine: it speaks the machines' API as a real one does."""
