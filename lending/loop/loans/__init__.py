"""What a loan stands on: its occasion, its due date, and the stops of its clock."""
