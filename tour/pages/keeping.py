"""Keeping a place of the tour: what pages say of it. Which places somebody keeps, only their browser knows."""

from tour.pages.drawing import read_words

WORDS = read_words("mine.toml", "mine")
