here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("18_no_period", "crossover without a period column, missing cells (simulated)",
  project_csv("18_no_period"),
  fixed = list("arm", "time", c("arm", "time")),
  random = list("participant", c("participant", "arm")),
  levels = list(arm = c("passive", "fir", "cryo"), time = c("pre", "post", "1h", "24h", "48h", "72h")),
  origin = list(file = "18_no_period.csv", shared = FALSE, recipe = "as it is"))
