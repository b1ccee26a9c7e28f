"""Encoders: what items say, look or sound like becomes a row of numbers for each."""
