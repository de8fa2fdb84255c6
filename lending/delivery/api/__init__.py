"""What tablets of delivery shops and delivery platforms tell of orders, as JSON."""
