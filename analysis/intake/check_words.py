"""How each problem comes about and why it matters: the words of docs/checks.md."""

from __future__ import annotations

CAUSES = {
    "B01": "trial.yaml says `blinded: true`. Whoever judges data and model does not know which arm "
    "is which, and the plan can still be changed without looking at the result.",
    "C01": "trial.yaml says one thing and the files another. Either may be right, and the "
    "analysis would follow trial.yaml.",
    "C02": "A typing error, or a key of another version. An ignored key would leave a default in "
    "place that nobody chose.",
    "C03": "trial.yaml is not YAML: a bracket or quotation mark is open, a key stands twice, or "
    "the file is not UTF-8.",
    "C04": "Something is missing that cannot be guessed without choosing an analysis for you.",
    "C05": "A value is of another kind than its key needs, or none of the legal ones.",
    "C06": "Two entries cannot both be right, such as two controls, or a plan at the baseline.",
    "C07": "The entry is legal and rarely meant.",
    "D01": "A row was entered or exported twice, two rows got the same label, or trials of a "
    "visit were not declared as replicates. Which value counts would be chance.",
    "D02": "Codes were typed by hand. Two spellings count as two people, each with half of their "
    "data.",
    "D03": "An arm or period is mistyped, or an arm was given more than once and the column that "
    "tells its occasions apart is not named.",
    "D04": "Arms were exchanged, periods were numbered wrongly, or the planned order was not "
    "followed. Exchanged arms turn an effect around for that person.",
    "D05": "Calendar weeks were used as periods, a date is wrong, or the time between periods is "
    "shorter than `washout_days`. Effects of order are then estimated from periods that are not "
    "comparable.",
    "D06": "Arms were exchanged for a participant, or the temperature is mistyped. The file has "
    "a column whose name says temperature, and most of its rows agree with the doses of "
    "the arms.",
    "D07": "A date, a clock or a label of time is mistyped, a visit was early or late, or "
    "`delay_h` puts a treatment after a test that should show its effect. The columns `date` and "
    "`clock` are used, and without them a column whose name says date and which holds ISO dates. "
    "An error where a declared date puts a visit before an earlier one, or a treatment lies after "
    "its test.",
    "D08": "Arms of a participant were exchanged in the file, participants left, or chance did it.",
    "D09": "The time between periods was too short, values of one period are in another unit or "
    "from another rater, or the periods are mislabelled. Reported where the mean moves by "
    "more than the margin (or half an SD) and by more than chance does (about 1 in 200).",
    "D10": "The exercise was not the same in all arms, or labels of arms or times are exchanged. "
    "No treatment can have caused it. Reported where redrawing the arms 999 times gives "
    "as large a difference at most 5 times.",
    "D11": "A label of arm is mistyped, a code was used for two people, or the trial is a "
    "crossover.",
    "D12": "Rows were lost in an export, or nothing was measured. An arm without values at a "
    "time cannot be compared; single missing visits are named so that you can recognise "
    "them.",
    "D13": "With so few, neither a spread nor a chance can be estimated.",
    "D14": "An arm, a period or a participant is mistyped.",
    "F01": "The export was empty, or a filter was left on.",
    "F02": "A copy or an export was broken off, or a quotation mark is open and swallows rows.",
    "F03": "Spreadsheet programs write such a mark. It is taken off; otherwise it would belong "
    "to the name of the first column.",
    "F04": "A program saved the file in the encoding of its country. Letters with accents would "
    "be lost, and labels with them.",
    "F05": "The delimiter is not the declared one, or rows have more or fewer fields than the "
    "header. A guess would shift values into other columns.",
    "F06": "The file comes from a computer with another decimal sign. Read otherwise, 3,5 is a "
    "text or 35.",
    "F07": "1.234 may be one or a thousand. No rule can tell.",
    "F08": "Spreadsheets for reading have titles, units and merged cells above the data.",
    "F09": "Columns were copied. Which of the two was meant cannot be known.",
    "F10": "Left behind by a spreadsheet program. Nothing is read there.",
    "F11": "A formula failed, and its result is not in the file.",
    "F12": "A spreadsheet program turned 3-5 or 2.3 into a date. The number is lost.",
    "F13": "Dates were typed in several ways, or in a way that two countries read differently. "
    "Only columns that trial.yaml names as `date` or `clock` are looked at.",
    "F14": "The file has another name or type than trial.yaml says, or is larger than any trial's.",
    "F15": "The file comes from a system whose columns are known; what was understood is said.",
    "F16": "The system marks tests as excluded or rows as previews.",
    "F17": "Some systems write a number such as -1 or 0 where nothing was measured.",
    "F18": "trial.yaml declares decimal commas, or blanks that are to be removed. What was read "
    "otherwise than it stands in the file is counted here, and listed in "
    "data/processed/<trial>/repairs.csv.",
    "P01": "Files from a lab or a form often keep names and addresses. Nothing here needs them. "
    "No text of such a column is written into any result, and where the participants "
    "themselves are named, every other message waits until they have codes.",
    "P02": "Dates of birth, clubs, or sex, age and sport together can be enough to recognise an "
    "athlete of a small trial. Nothing of these columns is written into any result.",
    "P03": "Comments may name people or illnesses. They are not read into any result.",
    "P04": "Tables and figures show the codes as they are.",
    "S01": "A column was renamed, or its name is misspelled in trial.yaml.",
    "S02": "Only names, labels and aliases of trial.yaml are understood; a near miss is never "
    "mapped, because FIR and IR may be two things.",
    "S03": "Blanks, or letters that look alike (O and 0, Latin and Cyrillic), come with copying.",
    "S04": "The times stand beside each other and not below each other.",
    "S05": "`where` names a label that the column does not have.",
    "S06": "Labels were written once per block, as for reading. A value without labels belongs "
    "nowhere.",
    "S07": "The file holds more than trial.yaml names. Said because a typing error looks the same.",
    "U01": "The device wrote metres, the plan says centimetres; a sheet was pasted together from "
    "two sources; a decimal point was lost. Judged for heights of jumps by their median, "
    "and for all measures whose values differ little within a person by factors near "
    "2.54, 10, 100 and 1000.",
    "U02": "Soreness was marked from 0 to 10 in one place and from 0 to 100 in another. An error "
    "where values lie outside the declared scale, a warning where they only leave most of "
    "it empty.",
    "U03": "A mean was entered in place of a rating, or a digit is wrong. An error where unit or "
    "label name a scale of whole numbers (NRS, Likert), else a warning where all other "
    "values are whole.",
    "U04": "Power per kilogram and power differ by a factor of body mass, reactive strength in "
    "m/s and cm/s by 100.",
    "U05": "A minus sign was lost (cryotherapy at +110), or the device shows Fahrenheit. It "
    "enters no analysis, but the report prints the dose.",
    "U06": "Minutes or days were written. The order and the axis of every figure follow the hours.",
    "V01": "A digit too many, another unit, or a range that is too narrow.",
    "V02": "Many programs write 999 or -9 for missing. Read as a number it moves every mean.",
    "V03": "Devices write 0 for a failed trial. Read as a jump it moves the mean by a tenth and "
    "more. A warning for a rating whose other values are far from 0.",
    "V04": "Two digits were swapped, a digit is lost or doubled, a row belongs to someone else; "
    "or the value is right and unusual. Reported beyond what chance does among so many values, "
    "from what arm, time and the person's other visits let expect; for a planned comparison "
    "that is about 3.3 standard deviations. Values are kept.",
    "V05": "One trial failed or was mistyped. The best of three is also higher than the best of "
    "two by chance alone.",
    "V06": "A block was copied to the wrong place, or a value was dragged down. Reported where "
    "fewer than one such pair in a hundred outcomes would be due to chance.",
    "V07": "A line of 100 mm was read as 20 steps, or numbers were asked for and people like "
    "round ones. Differences smaller than a step mean little.",
    "V08": "Another rater, another device, or a column that was formatted before it was copied.",
    "V09": "People without soreness cannot become less sore. The difference between arms is then "
    "smaller than what the treatment does, and its distribution is skewed.",
    "V10": "A unit, a sign or a remark stands in the cell.",
    "V11": "A cell was inserted or deleted in one column only, or two values stand in each "
    "other's place. Every value remains possible; only together they fit elsewhere.",
}
