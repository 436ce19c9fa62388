here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Throat pain after surgery (licorice gargle trial, package medicaldata, MIT): read from the shared data.
d <- read.csv(shared_file("medicaldata_licorice_pain/long_throat_pain.csv"))
d <- data.frame(participant = d$subject, arm = d$condition, time = d$time, value = d$value)
run_case("15_licorice", "parallel, 2 arms, 235 patients, most scores zero, no baseline", d,
  fixed = list("arm", "time", c("arm", "time")), random = list("participant"),
  levels = list(arm = c("sugar", "licorice"), time = c("pacu30min", "pacu90min", "postOp4hour", "pod1am")),
  origin = list(file = "medicaldata_licorice_pain/long_throat_pain.csv", shared = TRUE, recipe = "as it is; rows without value dropped"))
