# Reference fits with a residual covariance structure: nlme and glmmTMB find the optimum, the restricted likelihood written
# out with a dense N x N covariance matrix polishes it (Newton with numDeriv derivatives) and gives Satterthwaite's degrees of
# freedom by numerical differentiation. Nothing here shares a formula with the Python engine but the definition of V.
here <- normalizePath(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), ".."))
source(file.path(here, "common.R"))             # json, shared_file, project_csv; `here` is tests/reference
suppressPackageStartupMessages({ library(nlme); library(glmmTMB); library(numDeriv) })

# psi: natural parameters (variances, correlation); structure: list(components = list of factors, unit, visit, group, correlation)
covariance <- function(psi, s) {
  k <- length(s$components); V <- 0
  for (i in seq_len(k)) V <- V + psi[i] * outer(s$components[[i]], s$components[[i]], "==")
  same <- outer(s$unit, s$unit, "=="); lag <- abs(outer(s$visit, s$visit, "-")); g <- as.integer(s$group)
  if (s$correlation == "unstructured") {
    U <- matrix(0, nlevels(s$group), nlevels(s$group)); U[lower.tri(U, TRUE)] <- psi[seq_along(psi) > k]
    U[upper.tri(U)] <- t(U)[upper.tri(U)]
    return(V + same * U[g, g])
  }
  sd <- sqrt(psi[k + seq_len(nlevels(s$group))][g])
  R <- switch(s$correlation, none = diag(length(g)), ar1 = psi[length(psi)]^lag, exchangeable = ifelse(lag > 0, psi[length(psi)], 1))
  V + same * outer(sd, sd) * R
}
restricted <- function(psi, s) {                # -2 log restricted likelihood, estimate, covariance of the estimate
  C <- tryCatch(chol(covariance(psi, s)), error = function(e) NULL)
  if (is.null(C)) return(list(criterion = Inf))
  X <- backsolve(C, s$X, transpose = TRUE); y <- backsolve(C, s$y, transpose = TRUE)
  A <- chol(crossprod(X)); beta <- backsolve(A, backsolve(A, crossprod(X, y), transpose = TRUE))
  list(criterion = 2 * sum(log(diag(C))) + 2 * sum(log(diag(A))) + sum((y - X %*% beta)^2) + (length(y) - ncol(X)) * log(2 * pi),
       beta = drop(beta), vcov = chol2inv(A))
}
polish <- function(psi, s, free) {              # Newton in log variances and atanh correlation; psi[!free] stays at zero
  bounded <- s$names %in% c("ar1", "exchangeable")
  element <- s$correlation == "unstructured" & seq_along(psi) > length(s$components)
  into <- function(p) ifelse(bounded, atanh(ifelse(bounded, p, 0)), ifelse(element, p / s$scale, log(pmax(p, 1e-300))))
  back <- function(x) { p <- ifelse(bounded, tanh(x), ifelse(element, x * s$scale, exp(x))); p[!free] <- 0; p }
  x <- into(psi); f <- function(z) { w <- x; w[free] <- z; restricted(back(w), s)$criterion }
  for (i in 1:8) {
    g <- grad(f, x[free]); H <- hessian(f, x[free]); step <- solve(H, g); x[free] <- x[free] - step
    if (max(abs(step)) < 1e-9) break
  }
  list(psi = back(x), gradient = max(abs(grad(f, x[free]))), decrement = sum(g * step), smallest_eigenvalue = min(eigen(H)$values))
}
satterthwaite <- function(L, psi, s, free) {
  f <- function(z) { w <- psi; w[free] <- z; w }
  H <- hessian(function(z) restricted(f(z), s)$criterion, psi[free]); A <- 2 * solve(H)
  J <- jacobian(function(z) { v <- restricted(f(z), s)$vcov; apply(L, 1, function(l) sum(l * (v %*% l))) }, psi[free])
  v <- apply(L, 1, function(l) { w <- restricted(psi, s)$vcov; sum(l * (w %*% l)) })
  2 * v^2 / apply(J, 1, function(g) sum(g * (A %*% g)))
}
rows_of <- function(formula, data, cells) {     # one row per cell of the factors in `cells`, averaged over the other factors
  factors <- intersect(all.vars(formula)[-1], names(Filter(is.factor, data)))
  grid <- expand.grid(lapply(setNames(nm = factors), function(f) levels(data[[f]])), stringsAsFactors = TRUE)
  for (v in setdiff(all.vars(formula)[-1], factors)) grid[[v]] <- mean(data[[v]])
  M <- model.matrix(delete.response(terms(formula)), grid, xlev = lapply(setNames(nm = factors), function(f) levels(data[[f]])))
  key <- interaction(grid[cells], drop = TRUE, sep = "|")
  t(sapply(levels(key), function(k) colMeans(M[key == k, , drop = FALSE])))
}
summarise_fit <- function(formula, data, s, psi, free, engines) {
  s$X <- model.matrix(formula, data); s$y <- data[[all.vars(formula)[1]]]; s$scale <- mean(psi[psi > 0])
  p <- polish(psi, s, free); at <- restricted(p$psi, s)
  L <- rows_of(formula, data, c("arm", "time")); keys <- strsplit(rownames(L), "|", fixed = TRUE)
  arm <- sapply(keys, `[`, 1); time <- sapply(keys, `[`, 2); base <- levels(data$arm)[1]
  D <- do.call(rbind, lapply(which(arm != base), function(i) L[i, ] - L[arm == base & time == time[i], ]))
  table <- function(L, arm, time) data.frame(arm = arm, time = time, estimate = drop(L %*% at$beta),
    se = sqrt(apply(L, 1, function(l) sum(l * (at$vcov %*% l)))), df_satterthwaite = satterthwaite(L, p$psi, s, free), row.names = NULL)
  list(criterion = at$criterion, engines = engines, parameters = setNames(as.list(p$psi), s$names), gradient = p$gradient,
       decrement = p$decrement, smallest_eigenvalue = p$smallest_eigenvalue, boundary = I(s$names[!free]),
       means = table(L, arm, time), contrasts = table(D, arm[arm != base], time[arm != base]))
}
