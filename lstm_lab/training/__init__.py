"""Train for a number of steps, and measure."""
