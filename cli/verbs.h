// cli/verbs.h: one function a verb, each in the file of its name.
#pragma once
#include "cli/verb.h"

namespace assay::cli {

Verb fit_verb();
Verb predict_verb();
Verb evaluate_verb();
Verb cv_verb();
Verb compare_verb();
Verb cluster_verb();
Verb reduce_verb();
Verb explain_verb();
Verb export_verb();
Verb import_verb();
Verb data_verb();
Verb image_verb();
Verb features_verb();
Verb calibrate_verb();
Verb undistort_verb();
Verb match_verb();
Verb detect_verb();
Verb geom_verb();
Verb quality_verb();
Verb study_verb();
Verb list_verb();
Verb describe_verb();
Verb completion_verb();
Verb help_verb();

}  // namespace assay::cli
