# Two published crossovers read from the shared data (never copied): Jones and Kenward's blood pressures (methods.md 5.3, A5) and
# the FEV1 crossover of SAS for Mixed Models (5.4). nlme with tight settings, then the dense restricted likelihood at its optimum.
# Rscript tests/reference/residual/shared.R
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
control <- lmeControl(msMaxIter = 2000, maxIter = 500, niterEM = 50, msTol = 1e-12, tolerance = 1e-11, opt = "nlminb", msMaxEval = 5000)

d <- read.csv(shared_file("reference_sets/crosscarry_arterial.csv"))
names(d)[match(c("Subject", "Period", "Treatment", "Pressure", "Time"), names(d))] <- c("participant", "period", "arm", "value", "time")
before <- aggregate(value ~ participant + period, d[d$time < 0, ], mean); names(before)[3] <- "baseline"
d <- merge(d[d$time > 0, ], before); d$baseline_mean <- ave(d$baseline, d$participant); d$baseline_within <- d$baseline - d$baseline_mean
d$visit <- match(d$time, sort(unique(d$time)))
for (f in c("participant", "period", "arm", "time")) d[[f]] <- factor(d[[f]])
arterial <- list(data = d, formula = value ~ arm + time + arm:time + period + baseline_within + baseline_mean, random = ~ 1 | participant/period, second = "period")
d <- read.csv(shared_file("reference_sets/littell_fev1.csv"))
d <- do.call(rbind, lapply(1:8, function(h) data.frame(participant = d$patient, arm = d$drug, time = paste0("h", h), visit = h, value = d[[paste0("h", h)]])))
d$arm <- factor(d$arm, c("p", "a", "c")); d$time <- factor(d$time); d$participant <- factor(d$participant)
fev1 <- list(data = d, formula = value ~ arm + time + arm:time, random = ~ 1 | participant/arm, second = "arm")

one <- function(study, kind) {
  d <- study$data; d$unit <- interaction(d$participant, d[[study$second]], drop = TRUE); by_time <- grepl("by_time", kind); ar1 <- grepl("ar1", kind)
  call <- list(study$formula, random = study$random, data = d, method = "REML", control = control)
  if (by_time) call$weights <- varIdent(form = ~ 1 | time)
  if (ar1) call$correlation <- corAR1(0.3, form = formula(paste("~ visit | participant /", study$second)))
  fit <- do.call(lme, call)
  sd <- fit$sigma * if (by_time) coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(d$time)] else 1
  psi <- c(as.numeric(VarCorr(fit)[c(2, 4), 1]), sd^2, if (ar1) coef(fit$modelStruct$corStruct, unconstrained = FALSE))
  label <- if (by_time) sprintf("residual[%s]", levels(d$time)) else "residual"
  s <- list(components = list(d$participant, d$unit), unit = d$unit, visit = d$visit, group = if (by_time) d$time else factor(rep("", nrow(d))),
            correlation = if (ar1) "ar1" else "none", X = model.matrix(study$formula, d), y = d$value, scale = 1,
            names = c("participant", paste0("participant:", study$second), label, if (ar1) "ar1"))
  free <- psi > 1e-7 * max(psi) | s$names == "ar1"
  p <- polish(psi, s, free)
  cat(sprintf("%s: nlme %.9f polished %.9f gradient %.1e\n", kind, -2 * as.numeric(logLik(fit)), restricted(p$psi, s)$criterion, p$gradient))
  list(nlme = -2 * as.numeric(logLik(fit)), criterion = restricted(p$psi, s)$criterion, parameters = setNames(as.list(p$psi), s$names), boundary = I(s$names[!free]))
}
out <- list(arterial = list(ar1 = one(arterial, "ar1"), by_time = one(arterial, "by_time")), fev1 = list(ar1 = one(fev1, "ar1")))
write_json(list(software = software(c("nlme", "numDeriv")), fits = out), "residual/shared")
