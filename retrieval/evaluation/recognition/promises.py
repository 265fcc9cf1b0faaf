"""What the four research lines promise, as claims on the tables that they are measured in."""

import re

from retrieval.evaluation.recognition.claims import Claim

# The joining that answers has a star.
_ANSWER = re.compile(r"\w+ \*")

_VOICE = (
    Claim(
        "A voice alone, of a speaker never heard before, tells which of eight feelings it carries",
        "recognising_naming",
        "voice, of all",
        {"corpus": "ravdess"},
        bar=1 / 8,
        called="UAR",
    ),
    *(
        Claim(
            f"The recogniser names the feeling of {voices} voices better than the search space "
            "that is asked by the words for feelings",
            "recognising_naming",
            "voice, of the corpus",
            {"corpus": corpus},
            rival_measure="space",
            called="UAR",
        )
        for corpus, voices in (("ravdess", "English"), ("nemo", "Polish"), ("ased", "Amharic"))
    ),
)

_BOTH = (
    *(
        Claim(
            f"Voice and words that say the same tell more together than {rival}{where}",
            "recognising",
            "UAR",
            {"sentences": source, "corpus": "ravdess", "by": _ANSWER},
            {"sentences": source, "corpus": "ravdess", "by": by},
        )
        for source, where in (
            ("goemotions", ""),
            ("meld", ", also with words of television dialogue, which were only tested on"),
        )
        for by, rival in (("voice", "the voice alone"), ("words", "the words alone"))
    ),
    Claim(
        "With half of the words wrong, voice and words are still better than the voice alone",
        "recognising_word_errors",
        "answer",
        {"wrong words": "50%"},
        rival_measure="voice",
        called="UAR",
    ),
    Claim(
        "With noise as loud as the voice, voice and words are better than the voice alone",
        "recognising_noise",
        "answer",
        {"noise": "white", "SNR dB": 0},
        rival_measure="voice",
        called="UAR",
    ),
)

_OPPOSITE = {"sentences": "GoEmotions", "voices": "all", "ranked by": "mismatch"}

_MISMATCH = (
    *(
        Claim(
            f"{words} and voices that feel opposite are told from those that agree",
            "mismatch",
            "AUC",
            _OPPOSITE | {"sentences": source},
            bar=0.5,
        )
        for source, words in (
            ("GoEmotions", "Written sentences"),
            ("MELD", "Lines of television dialogue, which were only tested on,"),
        )
    ),
    *(
        Claim(
            f"Mismatch tells words and voices that feel opposite better than {rival}",
            "mismatch",
            "AUC",
            _OPPOSITE,
            _OPPOSITE | {"ranked by": row},
        )
        for row, rival in (
            ("difference of valences", "the difference of two valences"),
            ("difference from the space's valence", "the difference from the space's valence"),
        )
    ),
)

_HEARD = (
    Claim(
        "Of clear English words fewer than one in ten is heard wrong",
        "transcript_errors",
        "WER with guard",
        {"corpus": "ravdess", "said with": "all"},
        bar=0.1,
        less=True,
        called="word error rate",
    ),
    Claim(
        "In vocal sounds without words the guard leaves fewer invented words",
        "transcript_false",
        "with guard",
        {"corpus": "deeply_nv", "sound": "all"},
        rival_measure="without guard",
        less=True,
        called="share of clips with words",
    ),
)

_SPOKEN = {"corpus": "ravdess", "frames": "speech"}

_ALIGNED = (
    *(
        Claim(
            f"Words aligned with a voice name its feeling better than {rival}, where the words "
            "themselves say nothing of it",
            "alignment",
            "UA",
            _SPOKEN | {"model": "aligned"},
            _SPOKEN | {"model": model},
        )
        for model, rival in (
            ("speech alone", "the voice alone"),
            ("decision level", "two judgements joined"),
        )
    ),
    Claim(
        "What a word looks at tells when it is said better than spreading the words by their "
        "letters",
        "alignment_times",
        "middle inside",
        {"corpus": "ravdess", "times by": "attention, aligned, guide 2", "read": "path"},
        {"corpus": "ravdess", "times by": "no model: first to last sound"},
        called="share of words whose middle is right",
    ),
)

_FUSED = tuple(
    Claim(
        f"Two streams joined by transport and attention name {what} better than {rival}",
        f"fusion_{corpus}",
        "macro-F1",
        {"named by": f"transport and attention less {row}"},
    )
    for corpus, what in (("deeply_nv", "sounds without words"), ("ravdess", "English speech"))
    for row, rival in (
        ("speech alone", "the speech stream alone"),
        ("sound alone", "the sound stream alone"),
        ("concatenation", "the two side by side"),
    )
)

#: In the order in which the page tells them.
PROMISES = (*_VOICE, *_BOTH, *_MISMATCH, *_HEARD, *_ALIGNED, *_FUSED)
