here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# FEV1 crossover (Littell et al., SAS for Mixed Models, textbook data): read from the shared data, not copied.
d <- read.csv(shared_file("reference_sets/littell_fev1.csv"))
d <- do.call(rbind, lapply(1:8, function(h) data.frame(participant = d$patient, arm = d$drug, time = paste0("h", h), value = d[[paste0("h", h)]])))
run_case("21_littell_fev1", "FEV1 crossover, 24 patients, 3 drugs, 8 hours, no period column", d,
  fixed = list("arm", "time", c("arm", "time")), random = list("participant", c("participant", "arm")),
  levels = list(arm = c("p", "a", "c"), time = paste0("h", 1:8)),
  origin = list(file = "reference_sets/littell_fev1.csv", shared = TRUE, recipe = "columns h1 to h8 as time and value, rename patient, drug"),
  note = "")
