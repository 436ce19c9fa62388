# Reference fits of linear mixed models with R (lme4, lmerTest, pbkrtest, emmeans), converged far beyond lme4's defaults.
# Sourced by the case scripts; see README.md for the layout of the output and for how tight "tight" is.
Sys.setenv(OMP_NUM_THREADS = "1", OPENBLAS_NUM_THREADS = "1")
suppressPackageStartupMessages({
  library(lme4); library(lmerTest); library(pbkrtest); library(emmeans)
})
options(contrasts = c("contr.treatment", "contr.poly"), warn = 1, stringsAsFactors = FALSE)
emm_options(pbkrtest.limit = Inf, lmerTest.limit = Inf)
stopifnot(exists("here"))                       # folder of the scripts, set by the caller

shared_file <- function(path) {                 # data that are read where they are and never copied into the project
  root <- Sys.getenv("RECOVERY_SHARED_DATA", file.path(here, "..", "..", "..", "shared", "data"))
  file <- file.path(root, path)
  if (!file.exists(file)) {
    message("skipped: ", path, " not found; set RECOVERY_SHARED_DATA"); quit(save = "no", status = 0)
  }
  file
}
project_csv <- function(name) read.csv(file.path(here, paste0(name, ".csv")))

software <- function(packages = c("lme4", "lmerTest", "pbkrtest", "emmeans", "numDeriv", "Matrix")) {
  c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
    sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE))
}

# ---- JSON with 17 significant digits, one table row per line -------------------------------------------------------------
json <- function(x, indent = 0) {
  pad <- function(n) strrep(" ", n)
  scalar <- function(v) {
    if (is.null(v) || length(v) == 0 || is.na(v)) return("null")
    if (is.logical(v)) return(if (v) "true" else "false")
    if (is.numeric(v)) return(if (is.finite(v)) sprintf("%.17g", v) else if (v > 0) "Infinity" else "-Infinity")
    encodeString(as.character(v), quote = "\"")
  }
  if (is.data.frame(x)) x <- lapply(seq_len(nrow(x)), function(i) lapply(as.list(x), function(col) col[[i]]))
  if (is.null(x) || (!is.list(x) && length(x) <= 1 && is.null(names(x)) && !inherits(x, "AsIs"))) return(scalar(x))
  items <- lapply(x, json, indent = indent + 1)
  if (length(x) && !is.null(names(x))) items <- paste0(encodeString(names(x), quote = "\""), ": ", items)
  brackets <- if (is.null(names(x))) c("[", "]") else c("{", "}")
  if (length(x) == 0) return(paste(brackets, collapse = ""))
  flat <- paste0(brackets[1], paste(items, collapse = ", "), brackets[2])
  if (!grepl("\n", flat) && nchar(flat) + indent < 320 && indent > 0) return(flat)
  paste0(brackets[1], "\n", paste0(pad(indent + 1), items, collapse = ",\n"), "\n", pad(indent), brackets[2])
}
write_json <- function(x, name) writeLines(json(x), file.path(here, paste0(name, ".out.json")), useBytes = TRUE)

# ---- the REML criterion written out with dense matrices: for polishing and for checking, independent of lme4's algebra ----
dense <- function(formula, data) {
  lf <- lFormula(formula, data, REML = TRUE)
  Zt <- lf$reTrms$Ztlist
  list(y = model.response(lf$fr), X = lf$X, Z = lapply(Zt, function(m) as.matrix(t(m))), component = names(lf$reTrms$cnms))
}
dense_solve <- function(phi, m) {               # phi = variance ratios theta^2; everything in units of sigma^2
  n <- length(m$y); p <- ncol(m$X)
  V <- diag(n)
  for (k in seq_along(phi)) if (phi[k] != 0) V <- V + phi[k] * tcrossprod(m$Z[[k]])
  R <- chol(V)
  iV <- function(b) backsolve(R, backsolve(R, b, transpose = TRUE))
  iVX <- iV(m$X); C <- solve(crossprod(m$X, iVX)); beta <- C %*% crossprod(iVX, m$y)
  P <- function(b) { a <- iV(b); a - iVX %*% (C %*% crossprod(m$X, a)) }
  Py <- P(m$y); pw <- sum(m$y * Py)
  list(P = P, Py = Py, pw = pw, beta = beta, C = C, iV = iV, iVX = iVX,
       criterion = 2 * sum(log(diag(R))) - determinant(C)$modulus[[1]] + (n - p) * (1 + log(2 * pi * pw / (n - p))))
}
dense_gradient <- function(phi, m) {            # d criterion / d phi, exact
  s <- dense_solve(phi, m); nu <- length(m$y) - ncol(m$X)
  sapply(seq_along(phi), function(k) sum(m$Z[[k]] * s$P(m$Z[[k]])) - nu * sum(crossprod(m$Z[[k]], s$Py)^2) / s$pw)
}

# ---- tight REML fit -------------------------------------------------------------------------------------------------------
tight_fit <- function(formula, data) {
  lf <- lFormula(formula, data, REML = TRUE)
  devfun <- do.call(mkLmerDevfun, lf)
  K <- length(lf$reTrms$theta); m <- dense(formula, data)
  starts <- rbind(as.matrix(expand.grid(rep(list(c(0.1, 1, 4)), K))), as.matrix(expand.grid(rep(list(c(0, 0.7)), K))))
  runs <- unlist(lapply(seq_len(nrow(starts)), function(i) {
    a <- nlminb(starts[i, ], devfun, lower = 0, control = list(rel.tol = 1e-15, x.tol = 1e-13, abs.tol = 0, eval.max = 5000, iter.max = 2000))
    b <- suppressWarnings(minqa::bobyqa(pmax(starts[i, ], 1e-2), devfun, lower = rep(0, K), control = list(rhobeg = 0.05, rhoend = 1e-11, maxfun = 1e5)))
    list(list(par = a$par, value = a$objective), list(par = b$par, value = b$fval))
  }), recursive = FALSE)
  values <- sapply(runs, `[[`, "value"); best <- runs[[which.min(values)]]
  # Newton on phi = theta^2 with exact gradients, zero bounds as an active set
  phi <- best$par^2; phi[best$par < 1e-3] <- 0
  for (round in 1:20) {
    free <- which(phi > 0)
    for (iteration in 1:30) if (length(free)) {
      f <- function(x) { q <- phi; q[free] <- x; dense_gradient(q, m)[free] }
      step <- solve(numDeriv::jacobian(f, phi[free], method.args = list(d = 1e-3)), f(phi[free]))
      phi[free] <- phi[free] - step
      if (any(phi < 0)) stop("Newton left the feasible set")
      if (max(abs(step) / phi[free]) < 1e-13) break
    }
    gradient <- dense_gradient(phi, m)
    release <- which(phi == 0 & gradient < 0)
    if (!length(release)) break
    phi[release] <- 1e-3
  }
  theta <- sqrt(phi)
  value <- devfun(theta)
  stopifnot(value <= min(values) + 1e-9, gradient[phi == 0] >= 0)
  numeric <- if (any(phi > 0)) numDeriv::grad(function(x) { q <- theta; q[phi > 0] <- x; devfun(q) }, theta[phi > 0], method.args = list(d = 1e-2)) else 0
  exact <- 2 * theta * gradient
  stopifnot(max(abs(exact)) < 1e-8, max(abs(numeric)) < 1e-6)
  pin <- function(fn, par, lower, upper, control) list(par = par, fval = fn(par), feval = 1, conv = 0, convergence = 0, message = "")
  control <- lmerControl(optimizer = pin, restart_edge = FALSE, boundary.tol = 0, calc.derivs = FALSE,
                         check.conv.singular = "ignore", check.conv.grad = "ignore", check.conv.hess = "ignore")
  model <- do.call(lmerTest::lmer, list(formula = formula, data = data, REML = TRUE, start = theta, control = control))
  stopifnot(identical(unname(getME(model, "theta")), unname(theta)))
  names(theta) <- names(gradient) <- m$component
  list(model = model, theta = theta, criterion = value, spread = min(values) - value,
       gradient_norm = sqrt(sum(numeric^2)), gradient_norm_exact = sqrt(sum(exact^2)),
       multipliers = as.list(gradient[which(theta == 0)]), dense = m)
}

# ---- Kenward-Roger and Satterthwaite written out with dense matrices: a check on pbkrtest's and lmerTest's arithmetic ------
dense_inference <- function(fit) {
  m <- fit$dense; phi <- fit$theta^2; n <- length(m$y); p <- ncol(m$X)
  s <- dense_solve(phi, m); s2 <- s$pw / (n - p); Phi <- s2 * s$C
  B <- c(m$Z, list(NULL)); K <- length(B)                                   # component matrices G_k = B_k B_k', residual last
  iV <- function(b) s$iV(b) / s2
  G <- function(k, b) if (is.null(B[[k]])) b else B[[k]] %*% crossprod(B[[k]], b)
  iVX <- iV(m$X); GX <- lapply(1:K, function(k) G(k, iVX)); iVGX <- lapply(GX, iV)
  Pk <- lapply(1:K, function(k) -crossprod(iVX, GX[[k]]))
  Q <- function(i, j) crossprod(GX[[i]], iVGX[[j]])
  full <- function(k) if (is.null(B[[k]])) diag(n) else B[[k]]
  iVB <- lapply(1:K, function(k) iV(full(k)))
  PB <- lapply(1:K, function(k) s$P(full(k)) / s2)
  Py <- s$Py / s2; PGPy <- lapply(1:K, function(k) s$P(G(k, Py)) / s2)
  IE <- H <- matrix(0, K, K)
  for (i in 1:K) for (j in 1:K) {
    IE[i, j] <- sum(crossprod(full(i), iVB[[j]])^2) - 2 * sum(Phi * Q(i, j)) + sum((Phi %*% Pk[[i]]) * t(Phi %*% Pk[[j]]))
    H[i, j] <- -sum(crossprod(full(i), PB[[j]])^2) + 2 * sum(G(i, Py) * PGPy[[j]])
  }
  W <- 2 * solve(IE)
  U <- matrix(0, p, p)
  for (i in 1:K) for (j in 1:K) U <- U + W[i, j] * (Q(i, j) - Pk[[i]] %*% Phi %*% Pk[[j]])
  PhiA <- Phi + 2 * Phi %*% U %*% Phi
  free <- c(phi > 0, TRUE); A <- 2 * solve(H[free, free, drop = FALSE])
  D <- lapply(which(free), function(k) Phi %*% -Pk[[k]] %*% Phi)             # d Phi / d variance_k
  kr <- function(L) {
    q <- nrow(L); M <- crossprod(L, solve(L %*% Phi %*% t(L), L)); A1 <- A2 <- 0
    u <- lapply(Pk, function(x) M %*% Phi %*% x %*% Phi)
    for (i in 1:K) for (j in 1:K) { A1 <- A1 + W[i, j] * sum(diag(u[[i]])) * sum(diag(u[[j]])); A2 <- A2 + W[i, j] * sum(u[[i]] * t(u[[j]])) }
    b <- (A1 + 6 * A2) / (2 * q); g <- ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2); d <- 3 * q + 2 * (1 - g)
    rho <- (1 - A2 / q)^2 / q * (1 + g / d * b) / ((1 - (q - g) / d * b)^2 * (1 - (q + 2 - g) / d * b))
    df <- 4 + (q + 2) / (q * rho - 1); scale <- if (q == 1) 1 else df * (1 - A2 / q) / (df - 2)
    e <- L %*% s$beta
    c(df = df, F = scale * sum(e * solve(L %*% PhiA %*% t(L), e)) / q)
  }
  satt1 <- function(l) { g <- sapply(D, function(d) sum(l * (d %*% l))); 2 * sum(l * (Phi %*% l))^2 / sum(g * (A %*% g)) }
  satt <- function(L) {
    e <- eigen(L %*% Phi %*% t(L), symmetric = TRUE); PL <- crossprod(e$vectors, L)
    nu <- apply(PL, 1, satt1); E <- sum(nu / (nu - 2))
    c(df = if (length(nu) == 1 || diff(range(nu)) < 1e-8) mean(nu) else if (any(nu <= 2)) 2 else 2 * E / (E - length(nu)),
      F = sum((PL %*% s$beta)^2 / e$values) / nrow(L))
  }
  list(kr = kr, satt = satt, PhiA = PhiA, Phi = Phi)
}

rational <- function(x) {                       # the fraction with the smallest denominator within lmerTest's rounding of x
  d <- 1:2000; n <- round(x * d); hit <- which(abs(n / d - x) < 6e-8)[1]
  stopifnot(!is.na(hit)); n[hit] / d[hit]
}

# ---- one case: fit, everything the tests compare, JSON -----------------------------------------------------------------------
# fixed, random: lists of character vectors (the variables of each term); levels: reference level first
run_case <- function(case, title, data, fixed, random, levels, covariates = character(), origin, note = "") {
  for (f in names(levels)) data[[f]] <- factor(as.character(data[[f]]), levels = levels[[f]])
  data$participant <- factor(data$participant)
  extra <- setdiff(unlist(random), c("participant", names(levels)))
  for (f in extra) data[[f]] <- factor(data[[f]])
  used <- unique(c("participant", unlist(fixed), unlist(random), "value"))
  data <- data[complete.cases(data[used]), used]
  text <- paste("value ~", paste(c(sapply(fixed, paste, collapse = ":"),
                                   sprintf("(1 | %s)", sapply(random, paste, collapse = ":"))), collapse = " + "))
  fit <- tight_fit(as.formula(text), data); model <- fit$model
  check <- dense_inference(fit)

  # fixed effects, with the levels each coefficient stands for
  parts <- do.call(c, c(list(list(list())), lapply(strsplit(attr(terms(model), "term.labels"), ":"), function(variables) {
    choice <- expand.grid(lapply(setNames(nm = variables), function(v) if (v %in% names(levels)) levels[[v]][-1] else ""), stringsAsFactors = FALSE)
    lapply(seq_len(nrow(choice)), function(i) lapply(as.list(choice[i, , drop = FALSE]), function(l) if (l == "") NA else l))
  })))
  names(parts) <- sapply(parts, function(q) if (length(q)) paste0(names(q), ifelse(is.na(q), "", unlist(q)), collapse = ":") else "(Intercept)")
  stopifnot(identical(names(parts), names(fixef(model))))
  p <- length(parts)
  one <- lapply(seq_len(p), function(i) {
    l <- as.numeric(seq_len(p) == i)
    k <- contest1D(model, l, ddf = "Kenward-Roger"); s <- contest1D(model, l, ddf = "Satterthwaite")
    list(name = names(parts)[i], parts = I(parts[[i]]), estimate = k$Estimate, se = s[["Std. Error"]], se_kr = k[["Std. Error"]], df_kr = k$df,
         df_satt = s$df, p_kr = k[["Pr(>|t|)"]], p_satt = s[["Pr(>|t|)"]])
  })

  # marginal means and contrasts
  has_time <- "time" %in% names(levels)
  emm <- function(specs, ddf) suppressMessages(emmeans(model, specs, data = data, lmer.df = ddf, nesting = NULL))
  emm_table <- function(by_time) {
    specs <- if (by_time) ~ arm | time else ~ arm
    kr <- emm(specs, "kenward-roger"); sa <- emm(specs, "satterthwaite")
    merged <- function(a, b, key) {
      a <- as.data.frame(a); b <- as.data.frame(b)
      est <- if ("emmean" %in% names(a)) "emmean" else "estimate"
      rows <- cbind(key(a), data.frame(estimate = a[[est]], se_kr = a$SE, df_kr = a$df, se_satt = b$SE, df_satt = b$df))
      rows$p_kr <- a$p.value; rows$p_satt <- b$p.value                       # contrasts only
      rows
    }
    time_of <- function(a) if (by_time) as.character(a$time) else NA
    means <- merged(kr, sa, function(a) data.frame(time = time_of(a), arm = as.character(a$arm)))
    arms <- levels$arm; pairs <- subset(expand.grid(reference = arms, arm = arms, stringsAsFactors = FALSE), reference != arm)
    weights <- setNames(lapply(seq_len(nrow(pairs)), function(i) (arms == pairs$arm[i]) - (arms == pairs$reference[i])), seq_len(nrow(pairs)))
    contrasts <- merged(contrast(kr, weights, adjust = "none"), contrast(sa, weights, adjust = "none"), function(a) {
      i <- as.integer(as.character(a$contrast)); data.frame(time = time_of(a), arm = pairs$arm[i], reference = pairs$reference[i])
    })
    list(means = means, contrasts = contrasts, L = contrast(kr, weights)@linfct)
  }
  by_time <- emm_table(has_time)
  overall <- if (has_time) emm_table(FALSE)$contrasts else list()

  # type III tests; lmerTest rounds its hypothesis matrices to 7 digits, so the rational numbers meant are put back
  type3 <- function(model, check = NULL) {
    printed <- lapply(c("Kenward-Roger", "Satterthwaite"), function(d) { op <- options(warn = 2); on.exit(options(op)); anova(model, type = 3, ddf = d) })
    hypotheses <- lapply(attr(printed[[1]], "hypotheses"), function(L) { L[] <- sapply(L, rational); L })
    rows <- do.call(rbind, lapply(names(hypotheses), function(term) {
      L <- hypotheses[[term]]; k <- contestMD(model, L, ddf = "Kenward-Roger"); s <- contestMD(model, L, ddf = "Satterthwaite")
      data.frame(term = term, df_num = k$NumDF, df_den_kr = k$DenDF, F_kr = k[["F value"]], p_kr = k[["Pr(>F)"]],
                 df_den_satt = s$DenDF, F_satt = s[["F value"]], p_satt = s[["Pr(>F)"]])
    }))
    attr(rows, "as_printed") <- max(abs(c(printed[[1]][["F value"]] / rows$F_kr, printed[[2]][["F value"]] / rows$F_satt,
                                          printed[[1]]$DenDF / rows$df_den_kr, printed[[2]]$DenDF / rows$df_den_satt) - 1))
    if (!is.null(check)) attr(rows, "dense") <- list(
      kr = max(sapply(names(hypotheses), function(t) max(abs(check$kr(hypotheses[[t]]) / unlist(rows[rows$term == t, c("df_den_kr", "F_kr")]) - 1)))),
      satt = max(sapply(names(hypotheses), function(t) max(abs(check$satt(hypotheses[[t]]) / unlist(rows[rows$term == t, c("df_den_satt", "F_satt")]) - 1)))))
    rows
  }
  raw <- type3(model, check); terms_uncentred <- list()
  centred_needed <- any(sapply(fixed, function(v) length(v) > 1 && any(v %in% covariates)))
  terms_note <- "no covariate interacts with a factor: centring does not matter"
  if (centred_needed) {
    centred <- data; for (v in covariates) centred[[v]] <- centred[[v]] - mean(centred[[v]])
    control <- model@call$control
    again <- do.call(lmerTest::lmer, list(formula = as.formula(text), data = centred, REML = TRUE, start = unname(fit$theta), control = control))
    terms_uncentred <- raw
    tests <- type3(again, dense_inference(modifyList(fit, list(dense = dense(as.formula(text), centred)))))
    terms_note <- paste("terms: every covariate centred at its mean over the analysed rows, so that 'time' is tested at the mean covariate",
                        "(time means equal, averaged equally over arms). terms_uncentred: as anova() gives for the covariate as it is, where 'time'",
                        "is tested at covariate 0; the other terms are the same. 'arm' is averaged equally over times in both.")
  } else tests <- raw

  est <- function(x) sapply(one, `[[`, x)
  relative <- function(a, b) max(abs(a / b - 1))
  Lrows <- by_time$L; ck <- apply(Lrows, 1, function(l) c(check$kr(matrix(l, 1))[["df"]], check$satt(matrix(l, 1))[["df"]], sum(l * (check$PhiA %*% l))^.5))
  con <- by_time$contrasts
  checks <- list(
    note = "largest relative differences: KR and Satterthwaite of pbkrtest/lmerTest against the same formulas in dense algebra (common.R, dense_inference)",
    se_kr = max(relative(est("se_kr"), sqrt(diag(check$PhiA))), relative(con$se_kr, ck[3, ])),
    df_kr = max(relative(est("df_kr"), sapply(seq_len(p), function(i) check$kr(diag(p)[i, , drop = FALSE])[["df"]])), relative(con$df_kr, ck[1, ])),
    df_satt = max(relative(est("df_satt"), sapply(seq_len(p), function(i) check$satt(diag(p)[i, , drop = FALSE])[["df"]])), relative(con$df_satt, ck[2, ])),
    terms_kr = max(attr(tests, "dense")$kr), terms_satt = max(attr(tests, "dense")$satt),
    terms_as_printed_by_anova = attr(tests, "as_printed"))

  vc <- as.data.frame(VarCorr(model))
  s2 <- sigma(model)^2
  components <- sapply(random, paste, collapse = ":")
  variances <- c(as.list(setNames(fit$theta[components]^2 * s2, components)), residual = s2)
  attributes(tests)[c("dense", "as_printed")] <- NULL
  if (is.data.frame(terms_uncentred)) attributes(terms_uncentred)[c("dense", "as_printed")] <- NULL
  role <- function(v) if (v %in% unlist(c(fixed, random))) v else NULL
  averaged <- setdiff(names(levels), c("arm", "time"))
  out <- list(
    case = case, title = title, note = note, software = software(), formula = text,
    fixed_terms = I(lapply(fixed, I)), random = I(lapply(random, I)),
    columns = list(participant = "participant", arm = role("arm"), time = role("time"), period = role("period"), response = "value",
                   covariates = I(covariates), factors = I(averaged)),
    levels = lapply(levels, I),
    data = c(origin, list(sums = c(list(value = sum(data$value), value_squared = sum(data$value^2)),
                                   as.list(sapply(covariates, function(v) sum(data[[v]])))))),
    n_obs = nobs(model), n_participants = nlevels(droplevels(data$participant)),
    reml_criterion = fit$criterion, gradient_norm = fit$gradient_norm, gradient_norm_exact = fit$gradient_norm_exact,
    criterion_gain_over_best_optimiser = fit$spread, boundary = I(names(fit$multipliers)), multipliers = fit$multipliers,
    theta = as.list(fit$theta[components]), sigma = sigma(model), variances = variances, fixed = one,
    averaging = paste("emmeans defaults: equal weights over the levels of", if (length(averaged)) paste(averaged, collapse = ", ") else "(no other factor)",
                      if (length(covariates)) "; covariates at their mean over the analysed rows" else ""),
    covariate_means = as.list(sapply(covariates, function(v) mean(data[[v]]))),
    means = by_time$means, contrasts = by_time$contrasts, contrasts_overall = overall,
    terms = tests, terms_uncentred = terms_uncentred, terms_note = terms_note, checks = checks)
  write_json(out, case)
  cat(sprintf("%-34s n %4d  criterion %.9f  gradient %.1e (exact %.1e)  gain %.1e  boundary [%s]\n  checks: se_kr %.1e df_kr %.1e df_satt %.1e  terms kr %.1e satt %.1e printed %.1e\n",
              case, nobs(model), fit$criterion, fit$gradient_norm, fit$gradient_norm_exact, fit$spread, paste(names(fit$multipliers), collapse = ","),
              checks$se_kr, checks$df_kr, checks$df_satt, checks$terms_kr, checks$terms_satt, checks$terms_as_printed_by_anova))
  invisible(list(out = out, model = model, data = data))
}
