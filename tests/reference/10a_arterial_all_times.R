here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R"))
# Jones & Kenward blood pressure crossover (R package CrossCarry, object Arterial, GPL): read from the shared data, not copied.
d <- read.csv(shared_file("reference_sets/crosscarry_arterial.csv"))
d <- data.frame(participant = d$Subject, period = d$Period, arm = d$Treatment, time = d$Time, value = d$Pressure)
stopifnot(sum(d$value) == 38227, sum(d$value^2) == 4113099)
run_case("10a_arterial_all_times", "Jones & Kenward blood pressure, all ten times (A1)", d,
  fixed = list("arm", "time", c("arm", "time"), "period"), random = list("participant", c("participant", "period")),
  levels = list(arm = c("A", "B", "C"), time = as.character(c(-30, -15, 15, 30, 45, 60, 75, 90, 120, 240)), period = c("1", "2", "3")),
  origin = list(file = "reference_sets/crosscarry_arterial.csv", shared = TRUE, recipe = "rename Subject, Period, Treatment, Time, Pressure"),
  note = "")
