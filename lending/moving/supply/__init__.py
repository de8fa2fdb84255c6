"""What places need: orders, standing orders and levels, the forecast, the officer's decision."""
