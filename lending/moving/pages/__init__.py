"""The pages of moving: what places need, packing, crates, rounds."""
