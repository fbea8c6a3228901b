"""EPCIS 2.0: the events of the trade in the words of that standard, out and in."""
