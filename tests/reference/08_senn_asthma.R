here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Senn's asthma AB/BA crossover (peak expiratory flow, 13 patients; F formoterol, S salbutamol). The 26 numbers are typed from the SAS/STAT
# documentation, PROC TTEST, example "AB/BA Crossover Design" (statug_ttest_a0000000138.htm, sample tteex04).
run_case("08_senn_asthma", "Senn asthma AB/BA crossover, 13 patients",
  project_csv("08_senn_asthma"),
  fixed = list("arm", "period"), random = list("participant"),
  levels = list(arm = c("S", "F"), period = c("1", "2")),
  origin = list(file = "08_senn_asthma.csv", shared = FALSE, recipe = "as it is"),
  note = "treatment F - S")
