here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Countermovement jumps in a training study (package exscidata, CC0): read from the shared data.
d <- subset(read.csv(shared_file("exscidata_cyclingstudy_cmj/long_jump.csv")), outcome == "cmj.max")
pre <- subset(d, timepoint == "pre"); d <- subset(d, timepoint != "pre")
d <- data.frame(participant = d$subject, arm = d$group, time = d$timepoint, value = d$value, baseline = pre$value[match(d$subject, pre$subject)])
run_case("16_cmj_parallel", "countermovement jump, parallel, 3 arms, 20 athletes, baseline by time", d,
  fixed = list("arm", "time", c("arm", "time"), "baseline", c("time", "baseline")), random = list("participant"),
  levels = list(arm = c("DECR", "INCR", "MIX"), time = c("meso1", "meso2", "meso3")), covariates = "baseline",
  origin = list(file = "exscidata_cyclingstudy_cmj/long_jump.csv", shared = TRUE,
    recipe = "outcome cmj.max; baseline = value at pre; rows after pre with value and baseline"))
