"""Return and bottle machines: they tell how they are, take pieces and bottles, and say where else to go."""
