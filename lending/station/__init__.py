"""The scan station: the page of a café's counter, where every beep lends or returns a cup."""
