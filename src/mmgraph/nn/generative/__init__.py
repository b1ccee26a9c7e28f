"""Diffusion and adversarial play over rows of interactions."""
