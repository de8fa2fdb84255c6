"""Documents of the washing centre, in Korean: a batch's certificate and the hygiene book."""
