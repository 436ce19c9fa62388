# The job of this project for the demo trial, as one R script would do it: read and clean the files,
# lmer, emmeans with Kenward-Roger, contrasts of arms at every time, type III tests, four figures per
# outcome as SVG and PNG, tables, and an HTML report.
#
#   Rscript workflow.R DATA_FOLDER OUTPUT_FOLDER

suppressPackageStartupMessages({
  library(lme4)
  library(lmerTest)
  library(pbkrtest)
  library(emmeans)
  library(ggplot2)
})
emm_options(msg.interaction = FALSE)
options(warn = 1)

arguments <- commandArgs(trailingOnly = TRUE)
data_folder <- arguments[1]
out <- arguments[2]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
dir.create(file.path(out, "figures"), recursive = TRUE, showWarnings = FALSE)
dir.create(file.path(out, "tables"), showWarnings = FALSE)

arms <- c(passive = "Passive rest", fir = "Far-infrared", cryo = "Whole-body cryotherapy")
hours <- c(pre = -1, `0h` = 0, `1h` = 1, `24h` = 24, `48h` = 48, `72h` = 72)
spellings <- c(passive = "passive", PAS = "passive", fir = "fir", FIR = "fir",
               `far-infrared` = "fir", cryo = "cryo", WBC = "cryo")
colours <- c(passive = "#4d4d4d", fir = "#d55e00", cryo = "#0072b2")

read_outcome <- function(file, participant, value) {
  raw <- read.csv(file.path(data_folder, file), na.strings = c("", "-9"))
  unknown <- setdiff(raw$condition, names(spellings))
  if (length(unknown)) stop(file, ": unknown arms ", toString(unknown))
  raw$arm <- factor(spellings[raw$condition], levels = names(arms))
  raw$time <- factor(raw$timepoint, levels = names(hours))
  raw$period <- factor(raw$week)
  raw$participant <- factor(raw[[participant]])
  raw$value <- raw[[value]]
  d <- aggregate(value ~ participant + period + arm + time, raw, mean)
  stopifnot(!anyDuplicated(d[c("participant", "period", "time")]))
  d
}

with_baseline <- function(d) {
  before <- d[d$time == "pre", c("participant", "period", "value")]
  names(before)[3] <- "before"
  before$baseline_mean <- ave(before$before, before$participant)
  before$baseline_within <- before$before - before$baseline_mean
  merge(d, before, by = c("participant", "period"))
}

after <- function(d) droplevels(d[d$time != "pre", ])

outcomes <- list(
  soreness = list(label = "Muscle soreness (visual analogue scale), mm", margin = 10,
                  all = read_outcome("soreness.csv", "athlete", "vas")),
  jump = list(label = "Countermovement jump height, cm", margin = 1,
              all = read_outcome("jump.csv", "id", "height"))
)
random <- "(1 | participant) + (1 | participant:period)"
outcomes$soreness$data <- after(outcomes$soreness$all)
outcomes$soreness$formula <- paste("value ~ arm * time + period * time +", random)
outcomes$jump$data <- after(with_baseline(outcomes$jump$all))
outcomes$jump$formula <-
  paste("value ~ arm * time + baseline_within + baseline_mean + period * time +", random)

analyse <- function(outcome) {
  d <- outcome$data
  model <- suppressMessages(lmer(as.formula(outcome$formula), d))
  grid <- suppressMessages(emmeans(model, ~ arm | time, lmer.df = "kenward-roger"))
  contrasts <- summary(contrast(grid, "revpairwise"), infer = TRUE, adjust = "none")
  list(model = model, means = as.data.frame(summary(grid)),
       contrasts = as.data.frame(contrasts),
       terms = as.data.frame(anova(model, ddf = "Kenward-Roger")),
       variances = as.data.frame(VarCorr(model)),
       observed = aggregate(value ~ arm + time, d, function(v) c(n = length(v), mean = mean(v), sd = sd(v))),
       residuals = data.frame(d[c("participant", "period", "arm", "time")],
                              fitted = fitted(model), residual = residuals(model)))
}

look <- theme_minimal(base_size = 10) + theme(panel.grid.minor = element_blank(), legend.position = "bottom")
inks <- scale_colour_manual(values = colours, labels = arms, name = NULL)

trajectories <- function(outcome) {
  means <- aggregate(value ~ arm + time, outcome$all, mean)
  ggplot(outcome$all, aes(time, value, group = interaction(participant, period), colour = arm)) +
    geom_line(alpha = 0.4, linewidth = 0.4) + geom_point(alpha = 0.4, size = 0.6) +
    geom_line(data = means, aes(group = arm), linewidth = 1.4) +
    geom_point(data = means, aes(group = arm), size = 2) +
    facet_wrap(~arm, labeller = as_labeller(arms)) + inks + look +
    theme(legend.position = "none") + labs(x = "Time", y = outcome$label)
}
estimated_means <- function(outcome, found) {
  beside <- position_dodge(width = 0.4)
  ggplot(found$means, aes(time, emmean, ymin = lower.CL, ymax = upper.CL, colour = arm, group = arm)) +
    geom_line(position = beside, alpha = 0.6) + geom_linerange(position = beside, linewidth = 0.9) +
    geom_point(aes(shape = arm), position = beside, size = 2.2) + inks +
    scale_shape_discrete(labels = arms, name = NULL) + look + labs(x = "Time", y = outcome$label)
}
forest <- function(outcome, found) {
  table <- found$contrasts
  table$text <- sprintf("%.1f (%.1f to %.1f)", table$estimate, table$lower.CL, table$upper.CL)
  ggplot(table, aes(estimate, time, xmin = lower.CL, xmax = upper.CL)) +
    annotate("rect", xmin = -outcome$margin, xmax = outcome$margin, ymin = -Inf, ymax = Inf,
             alpha = 0.12, fill = "#0072b2") +
    geom_vline(xintercept = 0) + geom_pointrange() +
    geom_text(aes(x = Inf, label = text), hjust = 1.05, size = 2.6) +
    facet_wrap(~contrast, ncol = 1) + scale_y_discrete(limits = rev) +
    expand_limits(x = 2 * max(table$upper.CL)) + look + labs(x = "Difference", y = NULL)
}
residual_plots <- function(outcome, found) {
  d <- found$residuals
  d$standard <- d$residual / sigma(found$model)
  normal <- qqnorm(d$standard, plot.it = FALSE)
  panels <- rbind(
    data.frame(panel = "Against fitted values", x = d$fitted, y = d$standard, arm = d$arm),
    data.frame(panel = "Against a normal distribution", x = normal$x, y = normal$y, arm = d$arm),
    data.frame(panel = "Spread by time", x = as.integer(d$time), y = d$standard, arm = d$arm)
  )
  panels$panel <- factor(panels$panel, unique(panels$panel))
  ggplot(panels, aes(x, y, colour = arm, shape = arm)) + geom_hline(yintercept = 0) +
    geom_point(alpha = 0.6, size = 1.2) + facet_wrap(~panel, scales = "free_x") + inks +
    scale_shape_discrete(labels = arms, name = NULL) + look + labs(x = NULL, y = "Standardised residual")
}

save_figure <- function(plot, name, height) {
  write.csv(plot$data, file.path(out, "figures", paste0(name, ".csv")), row.names = FALSE)
  for (kind in c("svg", "png")) {
    device <- if (kind == "svg") grDevices::svg else "png"
    ggsave(file.path(out, "figures", paste0(name, ".", kind)), plot, device = device,
           width = 9, height = height, dpi = 200)
  }
}

results <- lapply(outcomes, analyse)
for (name in names(outcomes)) {
  found <- results[[name]]
  for (table in c("means", "contrasts", "terms", "variances", "observed", "residuals")) {
    write.csv(found[[table]], file.path(out, "tables", paste0(name, "_", table, ".csv")))
  }
  save_figure(trajectories(outcomes[[name]]), paste0(name, "_trajectories"), 3.7)
  save_figure(estimated_means(outcomes[[name]], found), paste0(name, "_means"), 4.1)
  save_figure(forest(outcomes[[name]], found), paste0(name, "_forest"), 6.5)
  save_figure(residual_plots(outcomes[[name]], found), paste0(name, "_residuals"), 3.7)
}
rmarkdown::render(file.path(here, "workflow.Rmd"), output_file = file.path(normalizePath(out), "report.html"),
                  intermediates_dir = out, knit_root_dir = normalizePath(out), quiet = TRUE)
