# Answers on standard output what is asked on standard input, so that both programs can take turns
# within one run. Times are seconds of `system.time`, start-up excluded.
#
#   fit FILE TIMES            one lmer fit: seconds per fit
#   contrasts FILE TIMES OUT  lmer, then emmeans with Kenward-Roger: all contrasts of arms at every time
#   refit FILE Y              lme4::refit to every column of Y: seconds per column
#   tests FILE Y              refit, then 21 contrasts with lmerTest's Satterthwaite p
#   check FILE Y OUT          the same with a fresh lmer fit to every column, written to OUT
#   lme FILE TIMES KIND OUT   nlme::lme with a variance per visit (by_time), or arm and visit
#                             (by_arm_time), and autocorrelation (..._ar1): seconds per fit,
#                             -2 log restricted likelihood to OUT
#
# What `tests` computes is not right: refit of lme4 1.1-31 divides by N - 1 where REML divides by N - p,
# and lmerTest takes the curvature from the data of the first fit. `check` is, and slower.

suppressPackageStartupMessages({
  library(nlme)
  library(lme4)
  library(lmerTest)
  library(pbkrtest)
  library(emmeans)
})
emm_options(msg.interaction = FALSE)

read_trial <- function(file) {
  d <- read.csv(file, colClasses = "character")
  for (name in c("arm", "time", "period", "participant")) d[[name]] <- factor(d[[name]])
  d$y <- as.numeric(d$y)
  d
}
# lmerTest evaluates the call of the model again, so that it must hold in the global environment.
call <- quote(lme4::lmer(y ~ arm * time + period + (1 | participant) + (1 | participant:period), trial))
fit <- function() suppressMessages(eval(call, globalenv()))
means <- function(m, ...) suppressMessages(emmeans(m, ...))
by_time <- function(m, df) means(m, ~ arm | time, lmer.df = df)
seconds <- function(expr) system.time(expr)[["elapsed"]]

tested <- function(m, rows) {
  m <- lmerTest::as_lmerModLmerTest(m)
  lmerTest::contest(m, rows, joint = FALSE)
}

by_visit <- function(kind) {
  trial$visit <- as.integer(trial$time)
  groups <- if (startsWith(kind, "by_arm_time")) ~ 1 | arm * time else ~ 1 | time
  correlation <- if (endsWith(kind, "ar1")) corAR1(form = ~ visit | participant / period)
  nlme::lme(y ~ arm * time + period, trial, random = ~ 1 | participant / period,
            weights = varIdent(form = groups), correlation = correlation,
            control = lmeControl(maxIter = 200, msMaxIter = 200))
}

answer <- function(words) {
  trial <<- read_trial(words[2])
  if (words[1] == "fit") {
    n <- as.integer(words[3])
    return(seconds(for (i in seq_len(n)) fit()) / n)
  }
  if (words[1] == "contrasts") {
    n <- as.integer(words[3])
    spent <- seconds(for (i in seq_len(n)) found <- summary(pairs(by_time(fit(), "kenward-roger")))) / n
    write.csv(as.data.frame(found), words[4], row.names = FALSE)
    return(spent)
  }
  if (words[1] == "lme") {
    n <- as.integer(words[3])
    spent <- seconds(for (i in seq_len(n)) m <- by_visit(words[4])) / n
    cat(format(-2 * as.numeric(logLik(m)), digits = 15), file = words[5])
    return(spent)
  }
  y <- as.matrix(read.csv(words[3], header = FALSE))
  m <- fit()
  if (words[1] == "refit") {
    return(seconds(for (i in seq_len(ncol(y))) suppressMessages(refit(m, y[, i]))) / ncol(y))
  }
  rows <- rbind(pairs(by_time(m, "asymptotic"))@linfct,
                pairs(means(m, ~arm, lmer.df = "asymptotic"))@linfct)
  if (words[1] == "tests") {
    return(seconds(for (i in seq_len(ncol(y))) tested(suppressMessages(refit(m, y[, i])), rows)) / ncol(y))
  }
  found <- vector("list", ncol(y))
  spent <- seconds(for (i in seq_len(ncol(y))) {
    trial$y <<- y[, i]
    found[[i]] <- tested(fit(), rows)
  }) / ncol(y)
  write.csv(do.call(rbind, found), words[4], row.names = FALSE)
  spent
}

versions <- vapply(c("lme4", "lmerTest", "pbkrtest", "emmeans", "nlme"),
                   function(name) paste(name, packageVersion(name)), "")
cat("R", as.character(getRversion()), "with", paste(versions, collapse = ", "), "\n")
input <- file("stdin")
open(input)
while (length(line <- readLines(input, n = 1)) > 0) {
  cat(format(answer(strsplit(line, " ")[[1]]), digits = 10), "\n")
  flush(stdout())
}
