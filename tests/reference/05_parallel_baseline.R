here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("05_parallel_baseline", "parallel, 3 arms of 7-8, dropout, baseline by time (simulated)",
  project_csv("05_parallel_baseline"),
  fixed = list("arm", "time", c("arm", "time"), "baseline", c("time", "baseline")),
  random = list("participant"),
  levels = list(arm = c("passive", "fir", "cryo"), time = c("post", "1h", "24h", "48h", "72h")),
  covariates = c("baseline"),
  origin = list(file = "05_parallel_baseline.csv", shared = FALSE, recipe = "as it is"))
