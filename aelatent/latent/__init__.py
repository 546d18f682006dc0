"""Latent space: arrays in, arrays and DataFrames out; no TensorFlow, no pictures, no plots."""

from aelatent.latent.principal import Moments, PrincipalAxes

__all__ = ["Moments", "PrincipalAxes"]
