"""Every data set that `init` is measured by; none of them was there when it was written."""

from __future__ import annotations

from tests.draft import cases_devices, cases_later, cases_surveys, cases_tables, cases_trials
from tests.draft.case import Case
from tests.draft.folders import folder_cases

CASES: dict[str, Case] = {
    case.name: case
    for make in (
        cases_devices.vald_trials,
        cases_devices.vald_summary,
        cases_devices.hawkin_cloud,
        cases_devices.hawkin_api,
        cases_surveys.redcap,
        cases_surveys.qualtrics,
        cases_surveys.google_forms,
        cases_surveys.smartabase,
        cases_surveys.pmsys,
        cases_tables.wide_by_arm,
        cases_tables.wide_trials,
        cases_tables.french,
        cases_tables.stacked,
        cases_tables.three_files,
        cases_tables.two_sheets,
        cases_tables.calendar_weeks,
        cases_later.portuguese_ods,
        cases_later.replicate_design,
        cases_later.days_in_headers,
        cases_later.unicode_text,
        cases_later.spelled_many_ways,
        cases_later.italian_minutes,
        cases_later.parallel_wide,
        cases_later.unknown_words,
        cases_trials.trials_side_by_side,
    )
    for case in [make()]
} | {case.name: case for case in folder_cases()}
