here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("01_crossover_complete", "complete 3-arm crossover, 12 participants, 6 times (simulated)",
  project_csv("01_crossover_complete"),
  fixed = list("arm", "time", c("arm", "time"), "period"),
  random = list("participant", c("participant", "period")),
  levels = list(arm = c("passive", "fir", "cryo"), time = c("pre", "post", "1h", "24h", "48h", "72h"), period = c("1", "2", "3")),
  origin = list(file = "01_crossover_complete.csv", shared = FALSE, recipe = "as it is"))
