# Crossover, participant + participant:period, residual variance by time or arm x time, with and without AR(1) on visit order.
# Rscript tests/reference/residual/crossover.R
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
schedule <- c("pre", "post", "1h", "24h", "48h", "72h")
formula <- value ~ arm + time + arm:time + period
groups <- c(by_time = "time", by_arm_time = "arm x time")
control <- lmeControl(msMaxIter = 2000, maxIter = 500, niterEM = 50, msTol = 1e-12, tolerance = 1e-11, opt = "nlminb", msMaxEval = 5000)

for (name in c("crossover_complete", "crossover_missing", "crossover_nine")) {
  d <- project_csv(file.path("residual", name)); d$visit <- match(d$time, schedule)
  d$arm <- factor(d$arm, c("passive", "fir", "cryo")); d$time <- factor(d$time, intersect(schedule, d$time)); d$period <- factor(d$period)
  d$participant <- factor(d$participant); d$unit <- interaction(d$participant, d$period, drop = TRUE); d$cell <- interaction(d$time, d$arm)
  out <- list()
  for (by in names(groups)) for (correlation in c("none", "ar1")) {
    d$group <- if (by == "by_time") d$time else d$cell
    fit <- tryCatch(lme(formula, random = ~ 1 | participant/period, data = d, method = "REML", weights = varIdent(form = ~ 1 | group),
               correlation = if (correlation == "ar1") corAR1(0.3, form = ~ visit | participant/period), control = control), error = function(e) {message(e); NULL})
    if (is.null(fit)) { cat(name, by, correlation, "lme failed\n"); next }
    sd <- fit$sigma * coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(d$group)]
    components <- as.numeric(VarCorr(fit)[c(2, 4), 1])
    rho <- if (correlation == "ar1") coef(fit$modelStruct$corStruct, unconstrained = FALSE)
    label <- if (by == "by_time") sprintf("residual[%s]", levels(d$time)) else
      sprintf("residual[%s]", sapply(strsplit(levels(d$cell), ".", fixed = TRUE), function(x) paste(x[2], x[1], sep = ", ")))
    s <- list(components = list(d$participant, d$unit), unit = d$unit, visit = d$visit, group = d$group, correlation = correlation,
              names = c("participant", "participant:period", label, if (correlation == "ar1") "ar1"))
    engines <- list(nlme = list(criterion = -2 * as.numeric(logLik(fit)), parameters = setNames(as.list(c(components, sd^2, rho)), s$names)))
    if (correlation == "none") {
      tmb <- glmmTMB(value ~ arm + time + arm:time + period + (1 | participant) + (1 | participant:period), data = d, REML = TRUE,
                     dispformula = ~ 0 + group, control = glmmTMBControl(optCtrl = list(iter.max = 5000, eval.max = 5000, rel.tol = 1e-14)))
      engines$glmmTMB <- list(criterion = -2 * as.numeric(logLik(tmb)))
    }
    free <- c(components, sd^2, rho) > 1e-7 * max(components, sd^2) | s$names == "ar1"
    key <- paste0(by, if (correlation == "ar1") "_ar1" else "")
    out[[key]] <- summarise_fit(formula, d, s, c(components, sd^2, rho), free, engines)
    cat(sprintf("%s %s: nlme %.9f polished %.9f glmmTMB %.9f gradient %.1e eig %.2e\n", name, key, engines$nlme$criterion, out[[key]]$criterion,
                if (is.null(engines$glmmTMB)) NA else engines$glmmTMB$criterion, out[[key]]$gradient, out[[key]]$smallest_eigenvalue), names(which(!setNames(free, s$names))), "\n")
  }
  write_json(list(case = name, software = software(c("nlme", "glmmTMB", "numDeriv")), formula = deparse(formula), schedule = I(schedule),
                  levels = lapply(d[c("arm", "time", "period")], function(f) I(levels(f))), n_obs = nrow(d), fits = out), file.path("residual", name))
}
