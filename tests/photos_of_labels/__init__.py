"""Pictures of our printed labels as a tablet's camera sees them, made from the label PDF itself."""
