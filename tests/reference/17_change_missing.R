here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
run_case("17_change_missing", "change from the own baseline of the period as response, missing cells (simulated)",
  project_csv("17_change_missing"),
  fixed = list("arm", "time", c("arm", "time"), "period"),
  random = list("participant", c("participant", "period")),
  levels = list(arm = c("passive", "fir", "cryo"), time = c("post", "1h", "24h", "48h", "72h"), period = c("1", "2", "3")),
  origin = list(file = "17_change_missing.csv", shared = FALSE, recipe = "as it is"))
