"""Held-out wordings stay held out: training reads none of them, nor what gives them away."""

import pytest

pytest.importorskip("torch")

from retrieval.emotions import TERMS
from retrieval.evaluation.phrasings import resembles
from retrieval.training.captions import captions
from retrieval.training.texts import degrees, denials, named_feelings, turns


def test_no_caption_that_is_learned_gives_a_wording_away():
    learned = {caption.text for caption in captions() if not caption.held_out}
    assert not sorted(text for text in learned if resembles(text))


def test_no_text_made_for_the_text_tower_gives_a_wording_away():
    made = [*named_feelings(), *degrees(), *denials(), *turns(seed=0, count=3000)]
    assert not sorted(text for text in {text.text for text in made} if resembles(text))


def test_rare_synonyms_are_no_words_of_the_vocabulary():
    words = {word for term in TERMS for word in (term.name, *term.synonyms)}
    assert not sorted(word for word in words if resembles(word))
