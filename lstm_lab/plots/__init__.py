"""Pictures of states and of measurements, by matplotlib."""
