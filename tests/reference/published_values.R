# Compares published and earlier recomputed numbers with this folder's output and with direct computations.
# Run after the cases. Writes published_values.csv: item, kind (third_party = printed by others; recomputed = by the methods document), stated, obtained,
# agrees (to the last stated digit), relative_difference.
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "common.R")); suppressPackageStartupMessages(library(nlme))
case <- function(name) jsonlite::fromJSON(file.path(here, paste0(name, ".out.json")))
rows <- list()
say <- function(item, stated, value, kind = "recomputed") {
  value <- unname(value); stated <- strsplit(stated, " ")[[1]]; stopifnot(length(stated) == length(value))
  item <- if (length(stated) == 1) item else paste(item, seq_along(stated))
  for (i in seq_along(stated)) {
    digits <- nchar(sub("e.*", "", sub("^[^.]*\\.?", "", stated[i])))
    same <- if (grepl("e", stated[i])) signif(value[i], digits + 1) == as.numeric(stated[i]) else
      abs(value[i] - as.numeric(stated[i])) <= 0.5000001 * 10^-digits
    rows[[length(rows) + 1]] <<- data.frame(item = item[i], kind = kind, stated = stated[i], obtained = sprintf("%.12g", value[i]), agrees = if (same) "yes" else "no",
                                              relative_difference = signif(abs(value[i] - as.numeric(stated[i])) / max(abs(value[i]), 1e-300), 2))
  }
}
pick <- function(x, a, r, t = NA) { d <- x$contrasts; d[d$arm == a & d$reference == r & (is.na(t) | d$time %in% t), ] }
ci <- function(d, level = 0.95, ddf = "kr") d$estimate + c(-1, 1) * qt((1 + level) / 2, d[[paste0("df_", ddf)]]) * d[[paste0("se_", ddf)]]
coefs <- function(m, name) { s <- summary(m)$coefficients[name, ]; c(s[1:2], df = m$df.residual, p = s[[4]]) }
lmci <- function(m, name, level = 0.95) confint(m, name, level = level)

# 5.1
x <- case("08_senn_asthma"); d <- pick(x, "F", "S")
say("5.1 treatment F-S estimate, SE, t, df, p", "46.607143 10.776560 4.3248629 11 0.00120485", c(d$estimate, d$se_kr, d$estimate / d$se_kr, d$df_kr, d$p_kr))
say("5.1 treatment 95 % CI", "22.888095 70.326191", ci(d))
p <- subset(x$fixed, name == "period2"); say("5.1 period 2-1, t, p", "15.892857 1.4747617 0.168314", c(p$estimate, p$estimate / p$se_kr, p$p_kr))
w <- reshape(project_csv("08_senn_asthma")[c("participant", "sequence", "arm", "value")], idvar = c("participant", "sequence"), timevar = "arm", direction = "wide")
s <- t.test(I(value.F + value.S) ~ sequence, w, var.equal = TRUE)
say("5.1 carry-over |sum difference|, |t|, p", "14.404762 0.179152 0.861076", c(abs(diff(s$estimate)), abs(s$statistic), s$p.value))
s <- t.test(w$value.F, w$value.S, paired = TRUE)
say("5.1 naive paired t: estimate, t, p, CI", "45.384615 4.03119522 0.00166562 20.854773 69.914457", c(s$estimate, s$statistic, s$p.value, s$conf.int))
# 5.2
d <- project_csv("09_cochran_cox"); d[1:3] <- lapply(d[1:3], factor); a <- anova(lm(value ~ arm + participant + period, d))
say("5.2 SS machine, F, p, SS trial, F, p", "320.0 15.22 0.0045 357.8 1.89 0.1911", c(t(as.matrix(a[1:2, c(2, 4, 5)]))), "third_party")
say("5.2 SS row, F, p, error SS, df, MS, root MSE", "64.8 3.08 0.117 168.2 8 21.025 4.585303", c(a[3, 2], a[3, 4], a[3, 5], a[4, 2], a[4, 1], a[4, 3], sqrt(a[4, 3])), "third_party")
d <- pick(case("09_cochran_cox"), "B", "A"); say("5.2 mixed model B-A, SE, df, p", "-8.0 2.0506097 8 0.00453647", c(d$estimate, d$se_kr, d$df_kr, d$p_kr))
# 5.3
x <- case("10a_arterial_all_times"); v <- x$variances
say("5.3 A1 var id:per, id, resid; REML", "9.59543687 74.48248849 58.55591973 2409.00204", c(v[["participant:period"]], v$participant, v$residual, x$reml_criterion))
t3 <- x$terms; rownames(t3) <- t3$term
say("5.3 A1 KR trt F, df, p; time F; trt:time F, p; period F", "11.49122 20 0.00047576 4.24866 1.22536 0.23905913 0.26138",
    c(t3["arm", "F_kr"], t3["arm", "df_den_kr"], t3["arm", "p_kr"], t3["time", "F_kr"], t3["arm:time", "F_kr"], t3["arm:time", "p_kr"], t3["period", "F_kr"]))
d <- pick(x, "C", "A", "60"); say("5.3 A1 C-A at 60, SE, df, CI", "-5.41666667 3.3702462 218.18 -12.05907 1.22574", c(d$estimate, d$se_kr, d$df_kr, ci(d)))
say("5.3 A1 B-A at 60", "3.91666667", pick(x, "B", "A", "60")$estimate)
r <- read.csv(shared_file("reference_sets/crosscarry_arterial.csv")); names(r) <- c("id", "per", "trt", "y", "time")
r$trt <- factor(r$trt); r$per <- factor(r$per); r$id <- factor(r$id)
ml <- suppressWarnings(lme4::lmer(y ~ trt * factor(time) + per + (1 | id) + (1 | id:per), r, REML = FALSE, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))))
say("5.3 A1 ML deviance", "2521.00818", -2 * as.numeric(logLik(ml)))
one <- subset(r, time == 60); pre <- aggregate(y ~ id + per, subset(r, time < 0), mean); one$base <- pre$y[match(paste(one$id, one$per), paste(pre$id, pre$per))]
m <- lm(y ~ id + per + trt, one); k <- coefs(m, "trtC")
say("5.3 A3 C-A, SE, df, p, CI", "-5.41666667 2.53256567 20 0.044973637 -10.6995061 -0.1338272", c(k, lmci(m, "trtC")))
say("5.3 A3 B-A p; residual MS", "0.137656630 38.4833", c(coefs(m, "trtB")[[4]], sigma(m)^2))
m <- lm(y ~ id + per + trt, droplevels(subset(one, trt != "B")))
say("5.3 contrast-specific C-A, SE, df, p, CI", "-5.416666667 2.695017121 9 0.075342375 -11.5132190 0.6798856", c(coefs(m, "trtC"), lmci(m, "trtC")))
say("5.3 90 % CI of the paired t (TOST)", "-10.02433 -0.80901", t.test(one$y[one$trt == "C"][order(one$id[one$trt == "C"])], one$y[one$trt == "A"][order(one$id[one$trt == "A"])], paired = TRUE, conf.level = 0.9)$conf.int)
g <- function(a) one$y[one$trt == a][order(one$id[one$trt == a])]; s <- t.test(g("C"), g("A"), paired = TRUE); dd <- g("C") - g("A")
flips <- as.matrix(expand.grid(rep(list(c(-1, 1)), 12))) %*% dd
say("5.3 paired t C-A: t, p; sign-flip p; d_z, d_av", "-2.1112031 0.0584548 0.0634765625 -0.60945 -0.48980",
    c(s$statistic, s$p.value, mean(abs(flips) >= abs(sum(dd)) - 1e-9), mean(dd) / sd(dd), mean(dd) / sqrt((var(g("C")) + var(g("A"))) / 2)))
say("5.3 change score C-A, SE, p", "-1.91666667 3.89539139 0.628052", coefs(lm(I(y - base) ~ id + per + trt, one), "trtC")[c(1, 2, 4)])
m <- lm(y ~ id + per + base + trt, one); say("5.3 within ANCOVA C-A, SE, p, slope", "-5.5498274947 2.6918576 0.0531851 -0.0380459509", c(coefs(m, "trtC")[c(1, 2, 4)], coef(m)[["base"]]))
one$bm <- ave(one$base, one$id); one$bw <- one$base - one$bm
kr1 <- function(f, data, name) { m <- tight_fit(f, data)$model; q <- contest1D(m, as.numeric(names(fixef(m)) == name), ddf = "Kenward-Roger"); c(q$Estimate, q[["Std. Error"]], q$df, q[["Pr(>|t|)"]]) }
say("5.3 split random-subject ANCOVA C-A, SE, df", "-5.5498274947 2.6918576 19", kr1(y ~ per + bw + bm + trt + (1 | id), one, "trtC")[1:3])
say("5.3 conventional pooled ANCOVA C-A, SE, df, p", "-4.860527401 2.719515148 19.63026 0.08934415", kr1(y ~ per + base + trt + (1 | id), one, "trtC"))
say("5.3 conventional pooled ANCOVA slope", "0.15889693", kr1(y ~ per + base + trt + (1 | id), one, "base")[1])
x <- case("10b_arterial_split_baseline"); v <- x$variances
say("5.3 A4 var id:per, id, resid; REML", "9.73004086 32.52664593 50.9565299 1892.88331", c(v[["participant:period"]], v$participant, v$residual, x$reml_criterion))
d <- pick(x, "C", "A", "60"); say("5.3 A4 C-A at 60, SE, df", "-4.80205431 3.211902 157.16", c(d$estimate, d$se_kr, d$df_kr))
f <- x$fixed; rownames(f) <- f$name
say("5.3 A4 slopes bw, df, bm, df", "0.175603532 19 0.834037834 10", c(f["baseline_within", "estimate"], f["baseline_within", "df_kr"], f["baseline_mean", "estimate"], f["baseline_mean", "df_kr"]))
d <- subset(x$contrasts_overall, arm == "C" & reference == "A"); say("5.3 A4 time-averaged C-A, df, p", "-5.05 19 0.0078", c(d$estimate, d$df_kr, d$p_kr))
m <- tight_fit(as.formula(x$formula), local({
  p <- merge(subset(r, time > 0), unique(one[c("id", "per", "bw", "bm")])); data.frame(participant = p$id, period = p$per, arm = p$trt, time = factor(p$time), value = p$y, baseline_within = p$bw, baseline_mean = p$bm) }))$model
e <- contrast(emmeans(m, ~ arm, lmer.df = "kenward-roger", nesting = NULL), list(B = c(-1, 1, 0), C = c(-1, 0, 1))); set.seed(1); s <- as.data.frame(e)
say("5.3 A4 time-averaged C-A, Dunnett-mvt p", "0.0148", 1 - mvtnorm::pmvt(rep(-abs(s$t.ratio[2]), 2), rep(abs(s$t.ratio[2]), 2), df = 19L, corr = cov2cor(vcov(e)))[[1]])
post <- merge(subset(r, time > 0), unique(one[c("id", "per", "bw", "bm")])); post$t <- factor(post$time); post$visit <- as.integer(post$t)
fit <- function(...) lme(y ~ trt * t + per + bw + bm, post, random = ~ 1 | id/per, method = "REML", control = lmeControl(msMaxIter = 500, niterEM = 50, tolerance = 1e-9, msTol = 1e-10, opt = "optim"), ...)
a5 <- list(fit(), fit(correlation = corAR1(form = ~ visit | id/per)), fit(weights = varIdent(form = ~ 1 | t)))
say("5.3 A5 -2RLL iid, AR(1), by time (nlme)", "1892.883 1881.73879 1881.09699", sapply(a5, function(m) -2 * as.numeric(logLik(m))))
say("5.3 A5 AR(1) Phi (nlme)", "0.262816748", coef(a5[[2]]$modelStruct$corStruct, unconstrained = FALSE))
carry <- unique(r[c("id", "per", "trt")]); carry <- carry[order(carry$id, carry$per), ]; carry$prev <- ave(as.character(carry$trt), carry$id, FUN = function(a) c("none", head(a, -1)))
post$prev <- carry$prev[match(paste(post$id, post$per), paste(carry$id, carry$per))]
for (k in c("B", "C")) post[[paste0("carry", k)]] <- (post$prev == k) - (post$prev == "A")       # period 1: zero
m <- tight_fit(y ~ trt * t + per + carryB + carryC + (1 | id) + (1 | id:per), post)$model
k <- contestMD(m, diag(length(fixef(m)))[grep("carry", names(fixef(m))), ], ddf = "Kenward-Roger")
say("5.3 A6 carry-over (post times, no baseline) KR F, df, p", "1.0647163 18.60367 0.36492", c(k[["F value"]], k$DenDF, k[["Pr(>F)"]]))
auc <- aggregate(cbind(y, time) ~ id + per + trt, subset(r, time > 0), identity)
auc$y <- apply(auc[c("y", "time")], 1, function(z) { y <- z[1:8]; t <- z[9:16]; sum(diff(t) * (head(y, -1) + tail(y, -1)) / 2) / diff(range(t)) })
m <- lm(y ~ id + per + trt, auc); k <- coefs(m, "trtC")
say("5.3 AUC mean 15-240: C-A, SE, p, CI", "-5.0638889 1.4317656 0.0020707593 -8.0504996 -2.0772782", c(k[c(1, 2, 4)], lmci(m, "trtC")))
# 5.4
x <- case("21_littell_fev1"); v <- x$variances; d <- pick(x, "a", "p", "h4"); t3 <- x$terms; rownames(t3) <- t3$term
say("5.4 var patient:drug, patient, resid; REML", "0.055810604 0.384509613 0.063126830 329.780651", c(v[["participant:arm"]], v$participant, v$residual, x$reml_criterion))
say("5.4 a-p at h4, SE, df, p", "0.20208333 0.09955628 149.64 0.0441", c(d$estimate, d$se_kr, d$df_kr, d$p_kr))
say("5.4 KR F drug, hour, drug:hour", "25.29629 38.85692 7.10595", t3[c("arm", "time", "arm:time"), "F_kr"])
say("5.4 KR denominator df", "46 483 483", t3[c("arm", "time", "arm:time"), "df_den_kr"])
f1 <- read.csv(shared_file("reference_sets/littell_fev1.csv")); Y <- as.matrix(f1[paste0("h", 1:8)])
E <- residuals(lm(Y ~ f1$drug)); S <- crossprod(E) / 69
say("5.4 UN within patient(drug), closed form: R[1,1], R[1,2], R[8,8]", "0.4541 0.4587 0.5031", c(S[1, 1], S[1, 2], S[8, 8]), "third_party")
un <- 72 * log(det(S)) + 69 * 8 + (576 - 24) * log(2 * pi) + 3 * (8 * log(24) - log(det(S)))
say("5.4 UN -2RLL", "197.46436713", un, "third_party")
# 5.5
for (s in list(c("19_ds01", "DS01"), c("20_ds17", "DS17"), c("11_ds30", "DS30"))) {
  x <- case(s[1]); d <- pick(x, "T", "R")
  if (s[2] == "DS01") {
    say("5.5 DS01 Satterthwaite est, SE, df, p; KR SE, df", "0.14609 0.046513 216.939 0.0019197 0.046514 217.208", c(d$estimate, d$se_satt, d$df_satt, d$p_satt, d$se_kr, d$df_kr), "third_party")
    say("5.5 DS01 90 % CI, point estimate, %", "107.17 124.97 115.73", 100 * exp(c(ci(d, 0.9), d$estimate)), "third_party")
    say("5.5 DS01", "0.146088177 0.0465130069 216.938612 0.04651377 217.207855", c(d$estimate, d$se_satt, d$df_satt, d$se_kr, d$df_kr))
  } else if (s[2] == "DS17") say("5.5 DS17 KR est, SE, df", "0.293502445 0.0859749521 34.0472407", c(d$estimate, d$se_kr, d$df_kr)) else {
    say("5.5 DS30 Satterthwaite df, 90 % CI, %", "17.86417 79.57553 108.0676", c(d$df_satt, 100 * exp(ci(d, 0.9, "satt"))), "third_party")
    say("5.5 DS30 KR df, 90 % CI, %; point estimate", "18.00203 79.58062 108.0607 92.73371", c(d$df_kr, 100 * exp(c(ci(d, 0.9), d$estimate))), "third_party")
    say("5.5 DS30 est, SE, df Satterthwaite, df KR", "-0.0754381321 0.0882103646 17.8641692 18.0020302", c(d$estimate, d$se_kr, d$df_satt, d$df_kr))
    say("5.5 DS30 model-based SE", "0.0882103646", d$se_satt)
  }
}
# 5.7
x <- case("13_oats"); m <- x$means; m$lo <- m$estimate - qt(.975, m$df_kr) * m$se_kr; m$hi <- m$estimate + qt(.975, m$df_kr) * m$se_kr
printed <- c("78.9 7.29 7.78 62.0 95.8", "97.0 7.14 7.19 80.3 113.8", "114.2 7.14 7.19 97.4 131.0", "124.1 7.07 6.95 107.3 140.8")
for (i in 1:4) say(paste("5.7 nitro", m$arm[i], "mean, SE, df, CI"), printed[i], c(m$estimate[i], m$se_kr[i], m$df_kr[i], m$lo[i], m$hi[i]), "third_party")
say("5.7 means, SEs", "78.892071 7.2943802 97.034253 7.1362724 114.198163 7.1361878 124.068570 7.0702366", c(rbind(m$estimate, m$se_kr)))
say("5.7 variances (participant:variety, participant, residual)", "76.284852 209.440634 180.492282", c(x$variances[["participant:variety"]], x$variances$participant, x$variances$residual))
# 5.8
x <- case("12_ham"); m <- x$means
say("5.8 LS means (SAS)", "5.8084 5.1012 6.0909 5.9256", m$estimate, "third_party"); say("5.8 t (SAS)", "24.93 21.89 26.14 25.43", m$estimate / m$se_satt, "third_party")
say("5.8 lower (SAS)", "5.3499 4.6428 5.6324 5.4672", m$estimate - qt(.975, m$df_satt) * m$se_satt, "third_party")
say("5.8 upper (SAS)", "6.2668 5.5597 6.5493 6.3840", m$estimate + qt(.975, m$df_satt) * m$se_satt, "third_party")
say("5.8 LS means", "5.808384 5.101220 6.090854 5.925610", m$estimate); say("5.8 SE, df", "0.232987 309.5", c(m$se_satt[1], m$df_satt[1]))
say("5.8 variances (participant:arm, participant, residual)", "3.1962061 0.3674414 1.6651698", c(x$variances[["participant:arm"]], x$variances$participant, x$variances$residual))
# sprint (reference_r_results.csv of the shared data): estimate, SE, df, p of the arm effect, SDs
for (s in list(c("14a_sprint_30m_change", "0.0022619048 0.032935681 20 0.94592918 0.058062666 0.087139621"), c("14b_sprint_5m_change", "-0.06 0.015968774 20 0.001239984 0 0.042249405"),
               c("14c_sprint_30m_baseline", "0.0016387615 0.031996023 19.552271 0.95967172 0.073354491 0.084622366"), c("14d_sprint_5m_baseline", "-0.063616465 0.016605279 21.669085 0.00092950258 0 0.042417002"))) {
  x <- case(s[1]); d <- pick(x, "CWI", "control"); say(paste(s[1], "CWI, SE, df, p, SD participant, SD residual"), s[2], c(d$estimate, d$se_kr, d$df_kr, d$p_kr, sqrt(x$variances$participant), sqrt(x$variances$residual)))
}
rows <- do.call(rbind, rows)
write.csv(rows, file.path(here, "published_values.csv"), row.names = FALSE, quote = which(names(rows) == "item"))
print(table(rows$kind, rows$agrees)); print(subset(rows, agrees == "no"))
