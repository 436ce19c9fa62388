"""Tables in, words and pages out; nothing is computed here.

Map: `render` puts a page together from `wording` (sentences), `cautions` (what must stand beside
a number), `methods` (the model in words) and `views` (tables as text); `numbers` says how a number
is written, `pictures` embeds figures, `templates` holds the HTML.
"""
