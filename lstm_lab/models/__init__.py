"""Models that read a recurrent layer at the right place."""
