# Reruns every case, then multiplicity.R and published_values.R. Rscript tests/reference/run_all.R [part of a name]
# Shared data: environment variable RECOVERY_SHARED_DATA, default ../shared/data beside the project; cases without their data are skipped.
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
Sys.setenv(OMP_NUM_THREADS = "1", OPENBLAS_NUM_THREADS = "1")
scripts <- c(sort(list.files(here, "^[0-9]{2}.*\\.R$")), "multiplicity.R", "published_values.R")
part <- commandArgs(trailingOnly = TRUE); if (length(part)) scripts <- grep(part[1], scripts, value = TRUE, fixed = TRUE)
failed <- Filter(function(s) system2(file.path(R.home("bin"), "Rscript"), shQuote(file.path(here, s))) != 0, scripts)
if (length(failed)) { message("failed: ", paste(failed, collapse = ", ")); quit(save = "no", status = 1) }
