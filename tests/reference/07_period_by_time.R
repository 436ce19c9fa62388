here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("07_period_by_time", "crossover, period by time, missing cells (simulated)",
  project_csv("07_period_by_time"),
  fixed = list("arm", "time", c("arm", "time"), "period", c("time", "period")),
  random = list("participant", c("participant", "period")),
  levels = list(arm = c("passive", "fir", "cryo"), time = c("pre", "post", "1h", "24h", "48h", "72h"), period = c("1", "2", "3")),
  origin = list(file = "07_period_by_time.csv", shared = FALSE, recipe = "as it is"))
