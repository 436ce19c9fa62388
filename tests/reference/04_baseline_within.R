here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("04_baseline_within", "9 participants, Latin-square sequences, split baseline (simulated)",
  project_csv("04_baseline_within"),
  fixed = list("arm", "time", c("arm", "time"), "period", "baseline_within", "baseline_mean"),
  random = list("participant", c("participant", "period")),
  levels = list(arm = c("passive", "fir", "cryo"), time = c("post", "1h", "24h", "48h", "72h"), period = c("1", "2", "3")),
  covariates = c("baseline_within", "baseline_mean"),
  origin = list(file = "04_baseline_within.csv", shared = FALSE, recipe = "as it is"),
  note = "baseline_mean: mean of the participant's period baselines (one per period attended); baseline_within: the period's baseline minus that mean; both are columns of the CSV")
