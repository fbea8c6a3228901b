"""What is sold and where it comes from: households, lots, catalogue, traceability."""
