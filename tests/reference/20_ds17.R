here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# DS17 of the R package replicateBE (GPL): read from the shared data, not copied.
d <- read.csv(shared_file("reference_sets/DS17.csv"), comment.char = "#")
d <- data.frame(participant = d$subject, sequence = d$sequence, period = d$period, arm = d$treatment, value = log(d$PK))
run_case("20_ds17", "replicateBE DS17: 19 subjects, unbalanced sequences", d,
  fixed = list("sequence", "period", "arm"), random = list("participant"),
  levels = list(arm = c("R", "T"), period = c("1", "2", "3"), sequence = c("RTR", "TRT")),
  origin = list(file = "reference_sets/DS17.csv", shared = TRUE, recipe = "lines starting with # are comments; value = log(PK); rows without PK dropped"),
  note = "arm T - R")
