"""What every kind of layer needs and no kind owns: sides, initial values, samples, scorers."""
