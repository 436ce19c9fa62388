"""Tables in, words and pages out; nothing is computed here.

Map: `render` puts a report together from `wording` (sentences), `cautions` (what must stand beside
a number), `methods` (the model in words) and `views` (tables as text); `index` makes the list of
the trials; `numbers` says how a number is written, `pictures` embeds figures, `page` fills in the
HTML of `templates`.
"""
