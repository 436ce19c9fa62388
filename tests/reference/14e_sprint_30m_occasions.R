here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Sprint times after cold-water immersion (Hecksteden et al., CC0): read from the shared data.
d <- subset(read.csv(shared_file("cwi_sprint_hecksteden/long.csv")), outcome == "sprint_30m")
d <- data.frame(participant = d$subject, arm = d$condition, occasion = d$replicate, time = d$time, value = d$value)
run_case("14e_sprint_30m_occasions", "30 m sprint before and after: arms given twice, no period column, participant:arm and participant:arm:occasion", d,
  fixed = list("arm", "time", c("arm", "time")),
  random = list("participant", c("participant", "arm"), c("participant", "arm", "occasion")),
  levels = list(arm = c("control", "CWI"), time = c("pre", "post")),
  origin = list(file = "cwi_sprint_hecksteden/long.csv", shared = TRUE, recipe = "outcome sprint_30m; occasion = replicate"))
