"""What tablets and machines tell of packing and of crates on their way, as JSON."""
