here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Sprint times after cold-water immersion (Hecksteden et al., CC0): read from the shared data.
d <- read.csv(shared_file("cwi_sprint_hecksteden/Sprint_wide.csv"))
d <- data.frame(participant = d$ID, arm = d$Condition, baseline = d$FivePre, value = d$FivePost)
run_case("14d_sprint_5m_baseline", "5 m sprint, baseline as covariate: 7 players, 2 arms given twice", d,
  fixed = list("baseline", "arm"), random = list("participant"),
  levels = list(arm = c("control", "CWI")),
  covariates = "baseline",
  origin = list(file = "cwi_sprint_hecksteden/Sprint_wide.csv", shared = TRUE, recipe = "value = FivePost, baseline = FivePre"),
  note = "reference_r_results.csv of the shared data; participant variance at the boundary")
