# Makes the simulated data sets (seeded; the CSV files are committed, so this need not be rerun).
# Rscript tests/reference/simulate.R
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
arms <- c("passive", "fir", "cryo"); times <- c("pre", "post", "1h", "24h", "48h", "72h")
curve <- c(pre = 30, post = 60, `1h` = 58, `24h` = 65, `48h` = 53, `72h` = 38)
benefit <- list(passive = rep(0, 6), fir = c(0, 0, 2, 6, 4, 1), cryo = c(0, 0, 7, 5, 2, 0))
williams <- rbind(c(1, 2, 3), c(2, 3, 1), c(3, 1, 2), c(3, 2, 1), c(1, 3, 2), c(2, 1, 3))
name <- function(i) sprintf("P%02d", i)

crossover <- function(n, sequences, sd_participant, sd_period, sd_residual, times = names(curve), labels = arms, by_time = 0, repeats = NULL) {
  P <- ncol(sequences)
  d <- expand.grid(time = times, period = seq_len(P), i = seq_len(n), stringsAsFactors = FALSE)
  a <- sequences[cbind((d$i - 1) %% nrow(sequences) + 1, d$period)]
  d$participant <- name(d$i); d$arm <- labels[a]
  t <- match(d$time, names(curve))
  effect <- sapply(seq_len(nrow(d)), function(r) benefit[[d$arm[r]]][t[r]])
  u <- rnorm(n, 0, sd_participant); w <- matrix(rnorm(n * P, 0, sd_period), n); z <- matrix(rnorm(n * length(labels), 0, if (is.null(repeats)) 0 else repeats), n)
  d$value <- curve[t] - effect - 1.5 * (d$period - 1) - by_time * (d$period - 1) * (t >= 4) +
    u[d$i] + w[cbind(d$i, d$period)] + z[cbind(d$i, a)] + rnorm(nrow(d), 0, sd_residual)
  d$value <- round(d$value, 2)
  d[c("participant", "period", "arm", "time", "value")]
}
save <- function(d, case) {
  num <- sapply(d, is.double); d[num] <- lapply(d[num], function(x) sprintf("%.15g", x))
  write.csv(d, file.path(here, paste0(case, ".csv")), row.names = FALSE, quote = FALSE)
}

set.seed(101); d <- crossover(12, williams, 8, 5, 6); save(d, "01_crossover_complete")

set.seed(102); d <- crossover(12, williams, 8, 5, 6)
d <- d[!(d$participant == "P05" & d$period == 2), ]
save(d[-sample(nrow(d), 13), ], "02_crossover_missing")

set.seed(205); d <- crossover(12, williams, 8, 0, 6); save(d[-sample(nrow(d), 9), ], "03_zero_participant_period")
set.seed(104); d <- crossover(12, williams, 0, 5, 6); save(d[-sample(nrow(d), 9), ], "03b_zero_participant")

set.seed(105); d <- crossover(9, rbind(1:3, c(2, 3, 1), c(3, 1, 2)), 8, 6, 4)
d <- d[!(d$participant == "P08" & d$period == 3), ]
visit <- paste(d$participant, d$period); pre <- setNames(d$value[d$time == "pre"], visit[d$time == "pre"])
mean_of <- tapply(pre, sub(" .*", "", names(pre)), mean)
d$baseline_mean <- as.numeric(mean_of[d$participant]); d$baseline_within <- as.numeric(pre[visit]) - d$baseline_mean
d <- d[d$time != "pre", ]; save(d[-sample(nrow(d), 6), ], "04_baseline_within")

set.seed(106); n <- 23; g <- sample(rep(arms, length.out = n)); u <- rnorm(n, 30, 3)
d <- expand.grid(time = times, i = seq_len(n), stringsAsFactors = FALSE); d$participant <- name(d$i); d$arm <- g[d$i]; t <- match(d$time, times)
d$value <- round(u[d$i] - c(0, 3, 2.5, 2, 1, 0.3)[t] + sapply(seq_len(nrow(d)), function(r) benefit[[d$arm[r]]][t[r]]) / 6 + rnorm(nrow(d), 0, 1.2), 2)
d$baseline <- d$value[d$time == "pre"][d$i]; d <- d[d$time != "pre", ]
leaves <- rep(Inf, n); leaves[sample(n, 6)] <- c(3, 4, 4, 5, 5, 6)
d <- d[match(d$time, times) < leaves[d$i], c("participant", "arm", "time", "value", "baseline")]; save(d, "05_parallel_baseline")

set.seed(107); d <- crossover(10, rbind(c(1, 2, 2, 1), c(2, 1, 1, 2), c(1, 2, 1, 2), c(2, 1, 2, 1)), 7, 4, 4, times[c(1, 3, 4, 5)], arms[1:2], repeats = 5)
save(d[-sample(nrow(d), 8), ], "06_replicate")

set.seed(108); d <- crossover(12, williams, 8, 5, 5, by_time = 3)
d <- d[!(d$participant == "P11" & d$period == 1), ]; save(d[-sample(nrow(d), 12), ], "07_period_by_time")

set.seed(117); d <- crossover(12, williams, 8, 6, 4)
visit <- paste(d$participant, d$period); pre <- setNames(d$value[d$time == "pre"], visit[d$time == "pre"])
d$value <- round(d$value - as.numeric(pre[visit]), 2); d <- d[d$time != "pre", ]
d <- d[!(d$participant == "P02" & d$period == 3), ]; save(d[-sample(nrow(d), 10), ], "17_change_missing")

set.seed(118); d <- crossover(11, williams, 7, 5, 6); d$period <- NULL
d <- d[!(d$participant == "P07" & d$arm == "cryo"), ]; save(d[-sample(nrow(d), 9), ], "18_no_period")
