// Every verb, in the order of the help: the only place that lists them.
#include "cli/verbs.h"

namespace assay::cli {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
      fit_verb(),         //
      predict_verb(),     //
      evaluate_verb(),    //
      cv_verb(),          //
      compare_verb(),     //
      cluster_verb(),     //
      reduce_verb(),      //
      explain_verb(),     //
      export_verb(),      //
      import_verb(),      //
      data_verb(),        //
      image_verb(),       //
      features_verb(),    //
      calibrate_verb(),   //
      undistort_verb(),   //
      match_verb(),       //
      detect_verb(),      //
      geom_verb(),        //
      quality_verb(),     //
      study_verb(),       //
      list_verb(),        //
      describe_verb(),    //
      completion_verb(),  //
      help_verb(),        //
  };
  return all;
}

}  // namespace assay::cli
