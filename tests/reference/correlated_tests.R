# Single-step adjusted p-values of correlated tests with margins of their own (Conneely and Boehnke 2007): mvtnorm's pmvnorm by Miwa's deterministic
# recursion (up to four tests, 4097 steps) and a one-factor quadrature for equal correlations.
# Rscript tests/reference/correlated_tests.R  -> correlated_tests.out.json
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R")); suppressPackageStartupMessages(library(mvtnorm))
one_factor <- function(z, rho, m) {  # P(max |Z_j| <= z), all correlations rho: integrate over the common factor
  inside <- function(f) (pnorm((z - sqrt(rho) * f) / sqrt(1 - rho)) - pnorm((-z - sqrt(rho) * f) / sqrt(1 - rho)))^m * dnorm(f)
  1 - integrate(inside, -12, 12, rel.tol = 1e-13, subdivisions = 2000)$value
}
equal <- do.call(rbind, lapply(list(c(2, .5), c(4, .3), c(8, .3), c(8, .7)), function(q) {
  p <- c(.2, .05, .01, .001, 1e-5); data.frame(m = q[1], rho = q[2], p = p, adjusted = sapply(qnorm(p / 2, lower.tail = FALSE), one_factor, rho = q[2], m = q[1]))
}))
corr <- matrix(c(1, .5, .3, .2, .5, 1, .6, .1, .3, .6, 1, -.2, .2, .1, -.2, 1), 4)
p <- c(.04, .004, .3, .02)
unequal <- sapply(qnorm(p / 2, lower.tail = FALSE), function(z) 1 - pmvnorm(rep(-z, 4), rep(z, 4), corr = corr, algorithm = Miwa(steps = 4097))[[1]])
write_json(list(
  software = software("mvtnorm"),
  note = "p: two-sided, each from its own distribution. adjusted = P(max |Z_j| > z), z the normal quantile of p; equal: quadrature; unequal: Miwa, 4097 steps.",
  equal = equal, unequal = list(corr = corr, p = p, adjusted = unequal)), "correlated_tests")
