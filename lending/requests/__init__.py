"""What several capabilities ask of a collection round: how full boxes are, where there is room."""
