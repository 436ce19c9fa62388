here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Oats of the R package nlme (GPL): read from the shared data, not copied. Rows deleted as in emmeans' vignette "sophisticated".
d <- read.csv(shared_file("reference_sets/nlme_oats.csv"))[-c(1, 2, 3, 5, 8, 13, 21, 34, 55), ]
d <- data.frame(participant = d$Block, variety = d$Variety, arm = d$nitro, value = d$yield)
run_case("13_oats", "emmeans vignette: Oats split-plot with deleted rows", d,
  fixed = list("variety", "arm"), random = list("participant", c("participant", "variety")),
  levels = list(arm = c("0", "0.2", "0.4", "0.6"), variety = c("Golden Rain", "Marvellous", "Victory")),
  origin = list(file = "reference_sets/nlme_oats.csv", shared = TRUE,
    recipe = "rename Block, Variety, nitro, yield; data rows 1, 2, 3, 5, 8, 13, 21, 34, 55 (counting from 1) deleted"),
  note = "participant = block, arm = nitro")
