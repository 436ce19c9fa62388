here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# ham of the R package lmerTest (GPL): read from the shared data, not copied.
d <- read.csv(shared_file("reference_sets/lmertest_ham.csv"))
d <- data.frame(participant = d$Consumer, arm = d$Product, information = d$Information, gender = d$Gender, value = d$Informed.liking)
run_case("12_ham", "lmerTest ham: 81 consumers, 4 products, participant:arm", d,
  fixed = list("arm", "information", "gender", c("arm", "information"), c("arm", "gender"), c("information", "gender"), c("arm", "information", "gender")),
  random = list("participant", c("participant", "arm")),
  levels = list(arm = as.character(1:4), information = c("1", "2"), gender = c("1", "2")),
  origin = list(file = "reference_sets/lmertest_ham.csv", shared = TRUE, recipe = "rename Consumer, Product, Information, Gender, Informed.liking"),
  note = "")
