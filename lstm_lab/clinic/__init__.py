"""What a model of the reader's own does with a recurrent layer's results, found by running it."""
