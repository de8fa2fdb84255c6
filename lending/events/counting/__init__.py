"""What came back from an event: counted, scanned, found later."""
