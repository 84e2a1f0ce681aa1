"""What a recurrent layer returns: its shapes, a step of it, every state, and readouts."""
