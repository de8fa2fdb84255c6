"""The read side of the loop: pieces, their history, loans, stock, and who sees which."""
