from retrieval.evaluation.recognition.published import published


def test_every_paper_has_a_table_that_is_marked_as_not_the_same_data() -> None:
    tables = list(published())
    assert [table.name for table in tables] == [
        "fusion_published", "alignment_published", "voice_published",
    ]  # fmt: skip
    for table in tables:
        assert table.title.startswith("Published, not the same data: ")
        assert "not the same data" in table.note


def test_a_paper_that_a_study_tells_of_is_not_told_twice() -> None:
    first, *others = published()
    assert list(published([first])) == others


def test_the_best_way_of_the_transport_paper_is_the_whole_of_it() -> None:
    (mata, *_) = published()
    for column in mata.columns[1:]:
        best = max(mata.records(), key=lambda record: str(record[column]).split(" / ")[1])
        assert best["joined by"] == "transport and attention"
