"""Latent space: arrays in, arrays and DataFrames out; no TensorFlow, no pictures, no plots.

The names load on first use: SciPy's and scikit-learn's larger parts take their time.
"""

from aelatent._lazy import attach as _attach

_HOME = {
    "Moments": "aelatent.latent.principal",
    "PrincipalAxes": "aelatent.latent.principal",
    "Densities": "aelatent.latent.components",
    "describe_components": "aelatent.latent.components",
    "dominant_components": "aelatent.latent.components",
    "pearson": "aelatent.latent.correlations",
    "spearman": "aelatent.latent.correlations",
    "strongest_pairs": "aelatent.latent.correlations",
    "seriate": "aelatent.latent.correlations",
    "Ellipse": "aelatent.latent.ellipses",
    "ellipse": "aelatent.latent.ellipses",
    "pair_ellipses": "aelatent.latent.ellipses",
    "radii": "aelatent.latent.radius",
    "radius_density": "aelatent.latent.radius",
    "uniform_shell": "aelatent.latent.radius",
    "matching_sd": "aelatent.latent.radius",
    "squared_radius_by_component": "aelatent.latent.radius",
    "core_border": "aelatent.latent.radius",
    "compare_radii": "aelatent.latent.radius",
    "HeldOut": "aelatent.latent.normality",
    "heldout_law": "aelatent.latent.normality",
    "laplace_surrogate": "aelatent.latent.normality",
    "holm": "aelatent.latent.normality_tests",
    "shapiro_wilk": "aelatent.latent.normality_tests",
    "henze_zirkler": "aelatent.latent.normality_tests",
    "two_sample_accuracy": "aelatent.latent.normality_tests",
    "mcd_core": "aelatent.latent.normality_cores",
    "iterative_core": "aelatent.latent.normality_cores",
    "normality_report": "aelatent.latent.mvn_report",
    "SAMPLERS": "aelatent.latent.samplers",
    "matching_bound": "aelatent.latent.samplers",
    "linear_readout": "aelatent.latent.readout",
}
__all__ = list(_HOME)
__getattr__, __dir__ = _attach(__name__, _HOME)
