"""A row of a table of clips."""

#: Columns by name, as `retrieval.evaluation.clips.read_table` takes them from a clips.csv; the
#: path is relative to the folder. A rated_valence, rated_arousal and rated_dominance are 1..5.
Row = dict[str, str]
