here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("02_crossover_missing", "crossover with missing cells, one whole period visit missing (simulated)",
  project_csv("02_crossover_missing"),
  fixed = list("arm", "time", c("arm", "time"), "period"),
  random = list("participant", c("participant", "period")),
  levels = list(arm = c("passive", "fir", "cryo"), time = c("pre", "post", "1h", "24h", "48h", "72h"), period = c("1", "2", "3")),
  origin = list(file = "02_crossover_missing.csv", shared = FALSE, recipe = "as it is"))
