here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Sprint times after cold-water immersion (Hecksteden et al., CC0): read from the shared data.
d <- read.csv(shared_file("cwi_sprint_hecksteden/Sprint_wide.csv"))
d <- data.frame(participant = d$ID, arm = d$Condition, value = d$Diff_5_Sec)
run_case("14b_sprint_5m_change", "5 m sprint, change: 7 players, 2 arms given twice", d,
  fixed = list("arm"), random = list("participant"),
  levels = list(arm = c("control", "CWI")),
  origin = list(file = "cwi_sprint_hecksteden/Sprint_wide.csv", shared = TRUE, recipe = "value = Diff_5_Sec"),
  note = "reference_r_results.csv of the shared data; participant variance at the boundary")
