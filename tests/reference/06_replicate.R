here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("06_replicate", "replicate design, 2 arms given twice each, 4 periods, 10 participants (simulated)",
  project_csv("06_replicate"),
  fixed = list("arm", "time", c("arm", "time"), "period"),
  random = list("participant", c("participant", "arm"), c("participant", "period")),
  levels = list(arm = c("passive", "fir"), time = c("pre", "1h", "24h", "48h"), period = c("1", "2", "3", "4")),
  origin = list(file = "06_replicate.csv", shared = FALSE, recipe = "as it is"))
