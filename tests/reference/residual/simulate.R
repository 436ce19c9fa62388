# Makes the simulated data of this folder (seeded; the CSV files are committed, so this need not be rerun).
# Rscript tests/reference/residual/simulate.R
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
arms <- c("passive", "fir", "cryo"); times <- c("pre", "post", "1h", "24h", "48h", "72h")
curve <- c(20, 55, 52, 60, 48, 30)
williams <- rbind(c(1, 2, 3), c(2, 3, 1), c(3, 1, 2), c(3, 2, 1), c(1, 3, 2), c(2, 1, 3))

crossover <- function(n, visits, sd_time, sd_arm, rho, sd_participant, sd_period) {
  T <- length(visits); C <- chol(rho^abs(outer(seq_len(T), seq_len(T), "-")))
  do.call(rbind, lapply(seq_len(n), function(i) {
    u <- rnorm(1, 0, sd_participant)
    do.call(rbind, lapply(1:3, function(period) {
      a <- williams[(i - 1) %% 6 + 1, period]
      e <- sd_arm[a] * sd_time * drop(crossprod(C, rnorm(T)))
      data.frame(participant = sprintf("P%02d", i), period = period, arm = arms[a], time = visits,
                 value = round(curve[match(visits, times)] - 2 * (a - 1) - 1.5 * (period - 1) + u + rnorm(1, 0, sd_period) + e, 2))
    }))
  }))
}
save <- function(d, name) write.csv(d, file.path(here, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
spread <- c(6, 9, 9, 13, 12, 8)

set.seed(308); d <- crossover(12, times, spread, c(1.2, 1, .8), .4, 6, 3); save(d, "crossover_complete")
set.seed(354); d <- crossover(12, times, spread, c(1.2, 1, .8), .5, 6, 3)
d <- d[!(d$participant == "P04" & d$period == 2), ]; save(d[-sample(nrow(d), 18), ], "crossover_missing")
set.seed(388); d <- crossover(9, times[c(1, 3, 4, 5)], spread[c(1, 3, 4, 5)], c(1.1, 1, .9), .3, 6, 2.5); save(d[-sample(nrow(d), 6), ], "crossover_nine")

set.seed(304); n <- 26; S <- outer(c(5, 9, 12, 8), c(5, 9, 12, 8)) * matrix(c(1, .6, .3, .2, .6, 1, .5, .4, .3, .5, 1, .7, .2, .4, .7, 1), 4)
d <- do.call(rbind, lapply(seq_len(n), function(i) data.frame(
  participant = sprintf("P%02d", i), arm = arms[1 + i %% 2], time = times[c(1, 3, 4, 5)],
  value = round(curve[c(1, 3, 4, 5)] - 3 * (i %% 2) + drop(crossprod(chol(S), rnorm(4))), 2))))
leaves <- rep(Inf, n); leaves[sample(n, 5)] <- c(2, 3, 3, 4, 4)
visit <- rep(1:4, n); d <- d[visit < leaves[rep(seq_len(n), each = 4)], ]
save(d[-sample(which(d$time == "1h"), 3), ], "parallel")
