# Fits the trials of two files by lmer, converged far beyond its defaults:
#   Rscript lmer.R ROWS MODELS ANSWER
# ROWS    trial, participant, period, arm, time, response
# MODELS  trial, fixed (a formula's right side), random (names separated by "|", nested by ":")
# ANSWER  trial, criterion, and the relative standard deviations theta, in the order of `random`

suppressPackageStartupMessages(library(lme4))
words <- commandArgs(trailingOnly = TRUE)
rows <- read.csv(words[1])
for (name in c("participant", "period", "arm", "time")) rows[[name]] <- factor(rows[[name]])
models <- read.csv(words[2])
rows <- split(rows, rows$trial)
control <- lmerControl(
  optimizer = "bobyqa", optCtrl = list(rhobeg = 0.2, rhoend = 1e-9, maxfun = 1e5),
  check.nobs.vs.nlev = "ignore", check.nobs.vs.nRE = "ignore", check.nlev.gtr.1 = "ignore",
  check.nobs.vs.rankZ = "ignore", check.rankX = "silent.drop.cols", check.conv.singular = "ignore",
  check.conv.grad = "ignore", check.conv.hess = "ignore"
)
one <- function(i) {
  d <- droplevels(rows[[as.character(models$trial[i])]])
  names <- strsplit(models$random[i], "|", fixed = TRUE)[[1]]
  parts <- paste0("(1 | ", names, ")")
  call <- as.formula(paste("response ~", paste(c(models$fixed[i], parts), collapse = " + ")))
  m <- suppressMessages(suppressWarnings(lmer(call, d, control = control)))
  theta <- sqrt(vapply(VarCorr(m), function(v) v[1, 1], 0)[names]) / sigma(m)
  data.frame(trial = models$trial[i], criterion = REMLcrit(m), theta = paste(format(theta, digits = 17), collapse = " "))
}
answers <- lapply(seq_len(nrow(models)), function(i) tryCatch(one(i), error = function(e) NULL))
cat("R", as.character(getRversion()), "with lme4", as.character(packageVersion("lme4")), "\n")
write.csv(do.call(rbind, answers), words[3], row.names = FALSE)
