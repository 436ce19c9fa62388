# Parallel trial with drop-out, no random effect: unstructured, AR(1), heterogeneous AR(1) and compound symmetry (nlme::gls).
# Rscript tests/reference/residual/parallel.R
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
schedule <- c("pre", "post", "1h", "24h", "48h", "72h")
formula <- value ~ arm + time + arm:time
d <- project_csv("residual/parallel"); d$visit <- match(d$time, schedule)
d$arm <- factor(d$arm, c("passive", "fir")); d$time <- factor(d$time, intersect(schedule, d$time)); d$participant <- factor(d$participant)
control <- glsControl(msMaxIter = 2000, maxIter = 500, msTol = 1e-12, tolerance = 1e-11, opt = "nlminb")
d$order <- as.integer(d$time)
fits <- list(
  unstructured = gls(formula, d, corSymm(form = ~ order | participant), varIdent(form = ~ 1 | time), method = "REML", control = control),
  by_time_ar1 = gls(formula, d, corAR1(0.3, form = ~ visit | participant), varIdent(form = ~ 1 | time), method = "REML", control = control),
  ar1 = gls(formula, d, corAR1(0.3, form = ~ visit | participant), method = "REML", control = control),
  by_time = gls(formula, d, weights = varIdent(form = ~ 1 | time), method = "REML", control = control))
out <- list()
for (key in names(fits)) {
  fit <- fits[[key]]; T <- nlevels(d$time); group <- if (key == "ar1") factor(rep("", nrow(d))) else d$time
  sd <- fit$sigma * if (key == "ar1") 1 else coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(d$time)]
  rho <- if (grepl("ar1", key)) coef(fit$modelStruct$corStruct, unconstrained = FALSE)
  label <- if (key == "ar1") "residual" else sprintf("residual[%s]", levels(d$time)); psi <- c(sd^2, rho)
  s <- list(components = list(), unit = d$participant, visit = d$visit, group = group, names = c(label, if (!is.null(rho)) "ar1"),
            correlation = if (key == "unstructured") key else if (is.null(rho)) "none" else "ar1")
  if (key == "unstructured") {
    R <- diag(T); R[lower.tri(R)] <- coef(fit$modelStruct$corStruct, unconstrained = FALSE); R[upper.tri(R)] <- t(R)[upper.tri(R)]
    U <- R * outer(sd, sd); psi <- U[lower.tri(U, TRUE)]; at <- which(lower.tri(U, TRUE), arr.ind = TRUE)
    s$names <- sprintf("residual[%s]", ifelse(at[, 1] == at[, 2], levels(d$time)[at[, 1]], paste(levels(d$time)[at[, 2]], levels(d$time)[at[, 1]], sep = ", ")))
  }
  engines <- list(nlme = list(criterion = -2 * as.numeric(logLik(fit)), parameters = setNames(as.list(psi), s$names)))
  # not for the unstructured matrix: glmmTMB's dispformula = ~ 0 leaves a small residual variance, which is another model
  if (key == "by_time") engines$glmmTMB <- list(criterion = -2 * as.numeric(logLik(glmmTMB(formula, d, REML = TRUE, dispformula = ~ 0 + time))))
  out[[key]] <- summarise_fit(formula, d, s, psi, rep(TRUE, length(psi)), engines)
  cat(sprintf("%s: nlme %.9f polished %.9f glmmTMB %.9f gradient %.1e\n", key, engines$nlme$criterion, out[[key]]$criterion,
              if (is.null(engines$glmmTMB)) NA else engines$glmmTMB$criterion, out[[key]]$gradient))
}
write_json(list(case = "parallel", software = software(c("nlme", "glmmTMB", "numDeriv")), formula = deparse(formula), schedule = I(schedule),
                levels = lapply(d[c("arm", "time")], function(f) I(levels(f))), n_obs = nrow(d), fits = out), "residual/parallel")
