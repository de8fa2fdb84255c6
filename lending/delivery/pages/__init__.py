"""A shop's pages: the pass, the board, an order, and the district's view of its shops."""
