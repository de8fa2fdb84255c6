"""The stations' requests as JSON: of the till's page, of the tablet itself, of its installation."""
