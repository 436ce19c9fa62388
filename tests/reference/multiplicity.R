# Multiplicity-adjusted p-values: mvtnorm (Genz-Bretz, tight tolerance, fixed seed) beside deterministic quadrature, p.adjust, emmeans adjust = "mvt".
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R")); suppressPackageStartupMessages(library(mvtnorm))
genz <- function(c, corr, df, abseps, maxpts = 5e7) {
  set.seed(1); q <- pmvt(rep(-c, nrow(corr)), rep(c, nrow(corr)), df = df, corr = corr, algorithm = GenzBretz(maxpts = maxpts, abseps = abseps, releps = 0))
  c(p = 1 - q[[1]], error = attr(q, "error"))
}
# P(max |T_i| > c), T multivariate t: outer integral over the scale (any df > 0), inner box probability of the normal given the scale
legendre <- function(n) { i <- seq_len(n - 1); e <- eigen(diag(0, n) + { b <- matrix(0, n, n); b[cbind(i, i + 1)] <- b[cbind(i + 1, i)] <- i / sqrt(4 * i^2 - 1); b }, symmetric = TRUE)
  list(x = e$values, w = 2 * e$vectors[1, ]^2) }
scale_nodes <- function(df, n = 80) {           # s = sqrt(chi2_df / df)
  g <- legendre(n); lim <- sqrt(qchisq(c(1e-16, 1 - 1e-16), df) / df)
  if (!is.finite(lim[2])) lim[2] <- sqrt(qchisq(1e-16, df, lower.tail = FALSE) / df)
  s <- mean(lim) + diff(lim) / 2 * g$x
  list(s = s, w = diff(lim) / 2 * g$w * dchisq(df * s^2, df) * 2 * df * s)
}
factor_box <- function(lambda) function(c) {    # normal with correlations lambda_i lambda_j
  g <- legendre(200); z <- 9 * g$x
  sum(9 * g$w * dnorm(z) * Reduce(`*`, lapply(lambda, function(l) pnorm((c - l * z) / sqrt(1 - l^2)) - pnorm((-c - l * z) / sqrt(1 - l^2)))))
}
ar_box <- function(rho, steps, blocks = 1, between = 0, n = 48) function(c) {     # AR(1) over steps, for one or two series correlated by `between`
  g <- legendre(n); x <- c * g$x; w <- c * g$w; v <- 1 - rho^2
  if (blocks == 1) { K <- dnorm(outer(x, rho * x, `-`) / sqrt(v)) / sqrt(v); f <- dnorm(x) * w; for (i in seq_len(steps - 1)) f <- drop(K %*% f) * w; return(sum(f)) }
  W <- c(outer(w, w)); d2 <- function(a, b, s) exp(-(a^2 - 2 * between * a * b + b^2) / (2 * s * (1 - between^2))) / (2 * pi * s * sqrt(1 - between^2))
  f <- d2(rep(x, n), rep(x, each = n), 1) * W; a <- outer(rep(x, n), rho * rep(x, n), `-`); b <- outer(rep(x, each = n), rho * rep(x, each = n), `-`)
  K <- d2(a, b, v); for (i in seq_len(steps - 1)) f <- drop(K %*% f) * W; sum(f)
}
quadrature <- function(c, box, df, n = 80) { s <- scale_nodes(df, n); 1 - sum(s$w * sapply(s$s, function(u) box(c * u))) }

corr3 <- matrix(c(1, .3, .5, .3, 1, .2, .5, .2, 1), 3); lambda3 <- sqrt(c(.3 * .5 / .2, .3 * .2 / .5, .5 * .2 / .3))
equal <- function(k, r) { m <- matrix(r, k, k); diag(m) <- 1; m }
problems <- list(
  list(name = "k2_r0.5", corr = equal(2, .5), df = 20, box = factor_box(sqrt(c(.5, .5))), c = c(0.5, 1, 2, 2.3, 2.8, 4)),
  list(name = "k2_r0.3", corr = equal(2, .3), df = 20, box = factor_box(sqrt(c(.3, .3))), c = c(1, 2, 2.3, 2.8, 4)),
  list(name = "k3_r0.5", corr = equal(3, .5), df = 20, box = factor_box(sqrt(rep(.5, 3))), c = c(0.5, 1, 2, 2.3, 2.8, 4)),
  list(name = "k3_unequal", corr = corr3, df = 20, box = factor_box(lambda3), c = c(1, 2, 2.3, 2.8, 4)),
  list(name = "k8_ar0.6", corr = .6^abs(outer(1:8, 1:8, `-`)), df = 40, box = ar_box(.6, 8), c = c(1.5, 2, 2.5, 3, 3.5)),
  list(name = "k8_two_arms_by_four_times", corr = kronecker(equal(2, .5), .6^abs(outer(1:4, 1:4, `-`))), df = 40, box = ar_box(.6, 4, 2, .5, 36), c = c(1.5, 2, 2.5, 3, 3.5)))
mvt <- lapply(problems, function(q) {
  tight <- if (nrow(q$corr) > 3) 1e-7 else 1e-8
  g <- sapply(q$c, genz, corr = q$corr, df = q$df, abseps = tight)
  quad <- sapply(q$c, quadrature, box = q$box, df = q$df, n = if (nrow(q$corr) > 3) 60 else 80)
  cat(sprintf("%-28s genz - quadrature at most %.1e (error stated %.1e)\n", q$name, max(abs(g["p", ] - quad)), max(g["error", ])))
  list(name = q$name, df = q$df, corr = I(lapply(seq_len(nrow(q$corr)), function(i) I(q$corr[i, ]))),
       values = data.frame(t = q$c, p_quadrature = quad, p_mvtnorm = g["p", ], error_mvtnorm = g["error", ]))
})
fractional <- data.frame(df = c(4.5, 17.37, 57.8), t = c(2.5, 2.5, 2.5))          # mvtnorm and emmeans take whole df only
fractional$p_quadrature_k2_r0.5 <- mapply(function(d, t) quadrature(t, factor_box(sqrt(c(.5, .5))), d, 200), fractional$df, fractional$t)

holm <- lapply(list(c(0.01, 0.04, 0.03), c(0.02, 0.02, 0.02, 0.5), c(0.001, 0.8, 0.6, 0.012, 0.0125, 0.04), 0.03, c(0.9, 0.7), c(0, 1, 0.05)),
               function(p) list(p = I(p), holm = I(p.adjust(p, "holm")), bonferroni = I(p.adjust(p, "bonferroni"))))

# emmeans adjust = "mvt" on case 04: each arm minus passive, all times as one family, and at 24h alone (Dunnett's family)
name <- "04_baseline_within"; d <- project_csv(name)
d$arm <- factor(d$arm, c("passive", "fir", "cryo")); d$time <- factor(d$time, c("post", "1h", "24h", "48h", "72h")); for (v in c("period", "participant")) d[[v]] <- factor(d[[v]])
m <- tight_fit(value ~ arm * time + period + baseline_within + baseline_mean + (1 | participant) + (1 | participant:period), d)$model
e <- emmeans(m, ~ arm | time, lmer.df = "kenward-roger", data = d, nesting = NULL)
family <- function(e, abseps) {
  con <- contrast(e, list(fir = c(-1, 1, 0), cryo = c(-1, 0, 1)), by = "time"); con <- update(con, by = NULL)
  set.seed(1); s <- as.data.frame(summary(con, adjust = "mvt")); V <- vcov(con); corr <- cov2cor(as.matrix(V))
  whole <- floor(s$df + 0.25)                                                      # what emmeans passes to mvtnorm
  tight <- t(mapply(function(t, df) genz(abs(t), corr, df, abseps), s$t.ratio, whole))
  out <- data.frame(arm = as.character(s$contrast), time = as.character(s$time), t = s$t.ratio, df_kr = s$df, df_used = whole, p_emmeans = s$p.value,
                    p_mvtnorm = tight[, "p"], error_mvtnorm = tight[, "error"])
  if (nrow(out) == 2) {
    l <- sqrt(rep(corr[1, 2], 2)); stopifnot(corr[1, 2] > 0)
    out$p_quadrature_whole_df <- mapply(function(t, df) quadrature(abs(t), factor_box(l), df), out$t, whole)
    out$p_quadrature_own_df <- mapply(function(t, df) quadrature(abs(t), factor_box(l), df), out$t, out$df_kr)
  }
  list(corr = I(lapply(seq_len(nrow(corr)), function(i) I(unname(corr[i, ])))), contrasts = out)
}
all_times <- family(e, 1e-6); one_time <- family(emmeans(m, ~ arm | time, at = list(time = "24h"), lmer.df = "kenward-roger", data = d, nesting = NULL), 1e-8)
print(one_time$contrasts); print(all_times$contrasts)
write_json(list(
  software = software(c("mvtnorm", "lme4", "lmerTest", "pbkrtest", "emmeans")),
  note = paste("p = P(max |T_i| > t). p_quadrature is deterministic; p_mvtnorm is Genz-Bretz with seed 1, abseps 1e-8 (k <= 3), 1e-7 (k = 8) or 1e-6 (the emmeans family over all times).",
               "emmeans adjust = mvt calls mvtnorm with its default abseps 1e-3 (p_emmeans, seed 1, about three digits) and with df floor(df + 0.25), each row its own;",
               "p_mvtnorm of the emmeans families uses the same whole df, p_quadrature_own_df the fractional Kenward-Roger df."),
  mvt = mvt, fractional_df = fractional, holm = holm,
  emmeans_mvt = list(case = name, df = "kenward_roger", family_all_times = all_times, family_24h = one_time)), "multiplicity")
