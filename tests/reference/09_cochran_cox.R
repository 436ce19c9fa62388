here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Cochran & Cox, Experimental Designs, table 4.10: two machines, ten trials, two rows. The 20 numbers are typed from the listing
# crossover.cochran.lst (J. Connett, biostat.umn.edu/~john-c), which prints data and PROC GLM output. Its "row" 2, 1 is period 1, 2 here.
run_case("09_cochran_cox", "Cochran & Cox two machines crossover, 10 trials",
  project_csv("09_cochran_cox"),
  fixed = list("arm", "period"), random = list("participant"),
  levels = list(arm = c("A", "B"), period = c("1", "2")),
  origin = list(file = "09_cochran_cox.csv", shared = FALSE, recipe = "as it is"),
  note = "participant = trial, arm = machine, period = position within the trial")
