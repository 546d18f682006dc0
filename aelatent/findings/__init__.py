"""What a table says: a function a claim, with the threshold that decides whether it holds.

Each takes what the notebook has just shown. A threshold is the band of a control where there is
one; where there is none it is our choice, and says so.
"""

from aelatent.findings.clouds import (
    carried_by as carried_by,
    center_is_pixel_mean as center_is_pixel_mean,
    few_axes as few_axes,
    inside_the_cloud as inside_the_cloud,
    left_out_of_axes as left_out_of_axes,
    onto_the_sheet as onto_the_sheet,
    right_length_wrong_place as right_length_wrong_place,
    spread_of_d2 as spread_of_d2,
    stronger_per_unit as stronger_per_unit,
    thin_sheet as thin_sheet,
    wedge as wedge,
)
from aelatent.findings.faces import (
    attribute_is_specific as attribute_is_specific,
    best_sampler as best_sampler,
    copies_nothing as copies_nothing,
    correlations_matter as correlations_matter,
    outside_is_worse as outside_is_worse,
    parts_go_together as parts_go_together,
    path_from_origin as path_from_origin,
    same_on_all_runs as same_on_all_runs,
    slerp_or_linear as slerp_or_linear,
    what_a_face_needs as what_a_face_needs,
)
from aelatent.findings.filaments import (
    clumping as clumping,
    crossing_the_border as crossing_the_border,
    curves_seen as curves_seen,
    left_out_of_maps as left_out_of_maps,
    left_out_of_zooms as left_out_of_zooms,
    level_kept as level_kept,
    missed_region as missed_region,
    more_voids_than_a_gaussian as more_voids_than_a_gaussian,
    one_piece as one_piece,
    smooth_curvature as smooth_curvature,
    tsne_tears as tsne_tears,
    verdict as verdict,
    web_excluded as web_excluded,
    what_is_seen as what_is_seen,
    zooms_are_chance as zooms_are_chance,
)
from aelatent.findings.finding import (
    Finding as Finding,
    paired as paired,
    plus_minus as plus_minus,
    two_errors as two_errors,
)
from aelatent.findings.training import (
    alignment_pays as alignment_pays,
    center_is_a_face as center_is_a_face,
    follows_contrast as follows_contrast,
    learned as learned,
    lost_first as lost_first,
    shows_faces as shows_faces,
)
