here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Jones & Kenward blood pressure crossover (R package CrossCarry, object Arterial, GPL): read from the shared data, not copied.
d <- read.csv(shared_file("reference_sets/crosscarry_arterial.csv"))
d <- data.frame(participant = d$Subject, period = d$Period, arm = d$Treatment, time = d$Time, value = d$Pressure)
stopifnot(sum(d$value) == 38227, sum(d$value^2) == 4113099)
pre <- aggregate(value ~ participant + period, subset(d, time < 0), mean)                  # mean of the two values before treatment
pre$baseline_mean <- ave(pre$value, pre$participant); pre$baseline_within <- pre$value - pre$baseline_mean; pre$value <- NULL
d <- merge(subset(d, time > 0), pre)
run_case("10b_arterial_split_baseline", "Jones & Kenward blood pressure, times after treatment, split baseline (A4)", d,
  fixed = list("arm", "time", c("arm", "time"), "period", "baseline_within", "baseline_mean"),
  random = list("participant", c("participant", "period")),
  levels = list(arm = c("A", "B", "C"), time = as.character(c(15, 30, 45, 60, 75, 90, 120, 240)), period = c("1", "2", "3")),
  covariates = c("baseline_within", "baseline_mean"),
  origin = list(file = "reference_sets/crosscarry_arterial.csv", shared = TRUE,
    recipe = "baseline of a period = mean of times -30 and -15; baseline_mean = its mean per participant, baseline_within = the deviation; rows with Time > 0"),
  note = "")
