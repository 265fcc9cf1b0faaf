"""What is said, as against how it is said: transcripts compared by their meaning.

A sentence encoder (extra `text`) reads every transcript once; its vectors are kept in the catalog.
A cosine is calibrated over the library's transcripts, leaning on everyday sentences as a space
leans on its panel: a library may hold two different sentences, or one.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from retrieval import questions
from retrieval.calibration import Background, score_of
from retrieval.catalog import Catalog
from retrieval.errors import Busy, LibraryError, PromptError
from retrieval.questions import Ids
from retrieval.space import TextEncoder, Vectors, unit
from retrieval.tables import TranscriptVector

_EVERYDAY = (
    "I will be there in ten minutes.",
    "Can you pass me the salt?",
    "It has been raining since this morning.",
    "She said that she would call back later.",
    "We need to buy milk and bread.",
    "What time does the train leave?",
    "He forgot his keys at the office again.",
    "Thank you very much for your help.",
    "I have no idea what you are talking about.",
    "The children are playing in the garden.",
    "Please close the door behind you.",
    "How much does this cost?",
    "My sister moved to another town last year.",
    "I am sorry, I did not hear you.",
    "Let us meet in front of the station.",
    "The meeting was moved to Thursday.",
    "Do you want tea or coffee?",
    "That was the best film I have seen this year.",
    "Leave me alone.",
    "There is something wrong with the car.",
    "I feel much better today.",
    "Where did you put the book?",
    "They won the match by two goals.",
    "Nobody told me about it.",
)


@dataclass(frozen=True)
class Heard:
    """How well what is said in each clip fits some texts.

    Attributes:
        clips: those with a transcript, rising (n,).
        scores: 0..1, a row for each text (t, n).
    """

    clips: Ids
    scores: NDArray[np.float64]


def transcripts_of(catalog: Catalog) -> list[tuple[int, str]]:
    """Every clip that has a transcript, by id, with what is said in it.

    Raises:
        PromptError: no clip has one.
    """
    with catalog.reading() as db:
        said = questions.transcripts(db)
    if not said:
        raise PromptError(
            "no clip has a transcript, so nothing can be found by what is said",
            remedy="affetto transcribe, or affetto label TABLE.csv with a column transcript",
        )
    return said


def read_transcripts(
    catalog: Catalog,
    said: Sequence[tuple[int, str]],
    encoder: TextEncoder,
    texts: Sequence[str],
) -> Heard:
    """Compare texts with what is said in clips: `said` comes from `transcripts_of`."""
    distinct = sorted({text for _, text in said})
    everything = _vectors(catalog, encoder, [*distinct, *_EVERYDAY])
    vectors, everyday = np.split(everything, [len(distinct)])  # (u, k), (24, k)
    prompts = unit(encoder.encode(texts))  # (t, k)
    background = Background.of(vectors).leaning_on(Background.of(everyday))
    scores = score_of(background.z(prompts, prompts @ vectors.T))  # (t, u)
    place = {text: number for number, text in enumerate(distinct)}
    clips = np.array([clip for clip, _ in said], dtype=np.int64)
    return Heard(clips, scores[:, [place[text] for _, text in said]])


def _vectors(catalog: Catalog, encoder: TextEncoder, texts: Sequence[str]) -> Vectors:
    """Unit vectors (n, k) of texts; those that are not kept yet are read now, and kept."""
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    columns = TranscriptVector.hash, TranscriptVector.vector
    query = select(*columns).where(TranscriptVector.encoder == encoder.fingerprint)
    with catalog.reading() as db:
        kept = {str(row.hash): bytes(row.vector) for row in db.execute(query)}
    fresh = [number for number, hash in enumerate(hashes) if hash not in kept]
    if fresh:
        read = encoder.encode([texts[number] for number in fresh])
        new = {
            hashes[number]: questions.to_bytes(row) for number, row in zip(fresh, read, strict=True)
        }
        with suppress(Busy, LibraryError):  # It only saves time when it is asked again.
            _keep(catalog, encoder.fingerprint, new, set(kept) - set(hashes))
        kept |= new
    return unit(questions.from_bytes([kept[hash] for hash in hashes]))


def _keep(catalog: Catalog, encoder: str, new: dict[str, bytes], gone: set[str]) -> None:
    rows = [{"hash": hash, "encoder": encoder, "vector": vector} for hash, vector in new.items()]
    ours = TranscriptVector.encoder == encoder
    with catalog.writing() as db:
        db.execute(
            delete(TranscriptVector).where(ours, TranscriptVector.hash.in_(questions.listed(gone)))
        )
        db.execute(insert(TranscriptVector).prefix_with("OR REPLACE"), rows)
