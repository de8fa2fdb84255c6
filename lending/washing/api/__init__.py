"""The washing centre's requests as JSON: the table's, its batches', and what is set aside."""
