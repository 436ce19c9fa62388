"""The files of a folder -> tables of texts, and how each is written."""
