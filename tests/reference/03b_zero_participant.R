here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("03b_zero_participant", "crossover whose participant variance is zero (simulated)",
  project_csv("03b_zero_participant"),
  fixed = list("arm", "time", c("arm", "time"), "period"),
  random = list("participant", c("participant", "period")),
  levels = list(arm = c("passive", "fir", "cryo"), time = c("pre", "post", "1h", "24h", "48h", "72h"), period = c("1", "2", "3")),
  origin = list(file = "03b_zero_participant.csv", shared = FALSE, recipe = "as it is"),
  note = "boundary: theta is exactly 0 for participant")
