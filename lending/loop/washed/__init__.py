"""What a piece's wash batch and its recalls allow."""
