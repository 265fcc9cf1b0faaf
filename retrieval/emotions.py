"""The emotional vocabulary: feelings a sound can carry, their synonyms, and where they lie.

Valence runs from -1 (unpleasant) to 1 (pleasant), arousal from -1 (still) to 1 (excited),
dominance from -1 (helpless) to 1 (in control), as in the circumplex of Russell (1980) with the
third axis of Mehrabian and Russell (1974). All figures are rounded to .05.

Where they come from (`Emotion.source`):

``norms``
    The mean of two sets of ratings of words, each mapped to -1..1, over the adjective and, where
    one was looked up, the noun of the same feeling:

    * Mohammad (2018), "Obtaining Reliable Human Ratings of Valence, Arousal, and Dominance for
      20,000 English Words", ACL (NRC-VAD; 0..1, mapped by 2x - 1);
    * Warriner, Kuperman and Brysbaert (2013), "Norms of valence, arousal, and dominance for
      13,915 English lemmas", Behavior Research Methods 45 (1..9, mapped by (x - 5) / 4).

    The sets themselves are not contained here.
``editorial``
    Our own judgement on the same scale, for feelings that were not looked up, and for four
    where a sound is not its word. *Surprised*: the word is pleasant (valence .70), a surprised
    voice hardly (.15). *Disgust*: arousal .30 as a word, but a disgusted voice is slow and
    held back (.15). *Breathless*: arousal .10 as a word, but who is out of breath is astir (.35).
    *Powerful*: arousal .20 for the noun, which is mostly political; powerful sound is not (.50).

The figures describe feelings, not recordings: no clip was rated to obtain them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Source = Literal["norms", "editorial"]


@dataclass(frozen=True, slots=True)
class Emotion:
    """A feeling.

    Attributes:
        name: the word it is called by, an adjective where there is one.
        synonyms: other words for it, the noun and the adverb among them; no word belongs to two.
        valence, arousal, dominance: -1..1.
        source: where the figures come from.
    """

    name: str
    synonyms: tuple[str, ...]
    valence: float
    arousal: float
    dominance: float
    source: Source


@dataclass(frozen=True, slots=True)
class Vocalisation:
    """What a mouth does without words. It is an act, not a feeling, but has a usual affect.

    Attributes:
        name: the act, as a noun in -ing where there is one.
        synonyms: other words for it.
        valence, arousal: -1..1, of the act as it is mostly heard; always editorial.
    """

    name: str
    synonyms: tuple[str, ...]
    valence: float
    arousal: float


# Valence, arousal, dominance, source, then the name and its synonyms.
_TERMS = """
# still and neither
+0.05 -0.50 -0.05 norms     neutral, unemotional, matter-of-fact, flat, expressionless, neutrally
-0.20 -0.50 +0.00 editorial indifferent, indifference, uninterested, apathetic, indifferently
+0.45 -0.50 +0.25 norms     thoughtful, pensive, reflective, contemplative, thoughtfully
+0.15 -0.40 +0.30 norms     solemn, solemnity, solemnly, reverent, ceremonial, grave
+0.45 -0.55 -0.10 editorial dreamy, dreaminess, ethereal, dreamily, floating
+0.10 -0.25 -0.10 norms     nostalgic, nostalgia, wistful, sentimental, nostalgically
# pleasant and still
+0.70 -0.80 +0.00 norms     calm, calmness, relaxed, quiet, composed, calmly
+0.80 -0.75 +0.20 editorial serene, serenity, peaceful, tranquil, at peace, serenely
+0.75 -0.35 +0.35 editorial content, contentment, contented, satisfied, pleased, contentedly
+0.60 -0.35 +0.20 editorial relieved, relief, reassured, at ease
+0.60 -0.60 +0.05 editorial gentle, gentleness, soft, mild, soothing, gently
+0.50 -0.35 +0.00 norms     tender, tenderness, affectionate, fond, tenderly
+0.70 -0.20 +0.30 editorial warm, warmth, warm-hearted, kind, warmly
+0.75 -0.20 +0.40 norms     friendly, friendliness, kindly, welcoming, amiable
+0.40 -0.25 +0.15 editorial sympathetic, sympathy, compassionate, caring, comforting
+0.80 +0.00 +0.20 editorial grateful, gratitude, thankful, appreciative, gratefully
# pleasant and lively
+0.85 +0.10 +0.25 editorial loving, love, adoring, in love, lovingly
+0.40 +0.35 +0.40 editorial seductive, seduction, sensual, flirtatious, alluring, seductively
+0.70 +0.10 +0.25 editorial hopeful, hope, optimistic, encouraged, hopefully
+0.65 +0.15 +0.75 editorial confident, confidence, self-assured, assertive, confidently
+0.50 +0.05 +0.35 norms     determined, determination, resolute, decided, resolutely
+0.65 +0.25 +0.65 norms     proud, pride, proudly
+0.75 +0.35 +0.75 norms     triumphant, triumph, victorious, heroic, triumphantly
+0.35 +0.50 +0.75 editorial powerful, power, energetic, forceful, powerfully
+0.95 +0.35 +0.55 norms     happy, happiness, glad, happily, in a good mood
+0.90 +0.40 +0.55 norms     joyful, joy, joyous, delighted, joyfully, joyful activation
+0.85 +0.30 +0.50 norms     cheerful, cheerfulness, merry, upbeat, jolly, cheerfully
+0.75 +0.35 +0.35 editorial amused, amusement, entertained, humorous, amusedly
+0.75 +0.45 +0.35 editorial playful, playfulness, mischievous, teasing, playfully
+0.80 +0.60 +0.50 editorial enthusiastic, enthusiasm, eager, passionate, enthusiastically
+0.80 +0.60 +0.50 norms     excited, excitement, thrilled, exhilarated, excitedly
+0.90 +0.75 +0.50 editorial ecstatic, ecstasy, elated, euphoric, overjoyed, ecstatically
+0.70 +0.20 +0.05 editorial admiring, admiration, impressed, admiringly
# neither and lively
+0.45 +0.35 -0.20 editorial awe, awestruck, in awe, wonder, majestic, sublime
+0.55 +0.45 +0.30 norms     amazed, amazement, astonished, astonishment, marvelling
+0.15 +0.55 +0.10 editorial surprised, surprise, startled, taken aback, in surprise
-0.35 +0.65 -0.30 editorial shocked, shock, stunned, aghast, in shock
+0.40 +0.25 +0.15 editorial curious, curiosity, interested, intrigued, curiously
+0.05 +0.15 +0.15 editorial mysterious, mystery, enigmatic, secretive, mysteriously
-0.35 +0.15 -0.40 editorial confused, confusion, puzzled, bewildered, perplexed, confusedly
-0.20 -0.05 -0.35 editorial hesitant, hesitation, unsure, uncertain, doubtful, hesitantly
-0.10 +0.65 +0.25 editorial urgent, urgency, pressing, hurried, urgently
-0.20 +0.35 -0.25 editorial breathless, breathlessness, out of breath, winded, breathlessly
# unpleasant, lively, in control
-0.70 +0.50 +0.00 norms     angry, anger, mad, cross, angrily
-0.80 +0.80 +0.30 editorial furious, fury, rage, enraged, raging, furiously
-0.50 +0.35 +0.00 editorial irritated, irritation, annoyed, annoyance, irritably
-0.75 +0.20 -0.40 norms     frustrated, frustration, exasperated, fed up
-0.45 +0.15 -0.20 norms     impatient, impatience, impatiently
-0.60 +0.70 +0.40 editorial aggressive, aggression, hostile, hostility, violent, aggressively
-0.70 +0.50 +0.45 editorial threatening, threat, menacing, intimidating, menacingly
-0.85 +0.45 +0.10 editorial hateful, hatred, hate, spiteful, hatefully
-0.25 +0.10 +0.50 editorial stern, sternness, strict, harsh, commanding, sternly
-0.50 +0.15 +0.40 editorial arrogant, arrogance, haughty, smug, arrogantly
-0.50 +0.10 -0.15 norms     contempt, contemptuous, scornful, disdainful, scornfully
-0.30 +0.15 +0.25 editorial sarcastic, sarcasm, ironic, mocking, cynical, sarcastically
-0.40 -0.30 +0.25 editorial cold, coldness, distant, unfriendly, aloof, coldly
-0.60 +0.10 -0.10 editorial bitter, bitterness, resentful, resentment, bitterly
-0.60 +0.30 -0.25 editorial jealous, jealousy, envious, envy, jealously
-0.65 +0.15 -0.20 editorial disgust, disgusted, revolted, repulsed, in disgust
-0.45 +0.25 +0.00 editorial suspicious, suspicion, distrustful, wary, suspiciously
# unpleasant, lively, helpless
-0.70 +0.50 -0.40 norms     fearful, fear, afraid, scared, frightened, fearfully
-0.85 +0.75 -0.60 editorial terrified, terror, horror, horrified, petrified, in terror
-0.75 +0.80 -0.60 editorial panicked, panic, panicking, panicky, in panic
-0.55 +0.85 -0.40 editorial hysterical, hysteria, frantic, out of control, hysterically
-0.55 +0.45 -0.40 editorial anxious, anxiety, nervous, uneasy, anxiously
-0.60 +0.40 -0.20 norms     worried, worry, concerned, troubled, worriedly
-0.35 +0.30 -0.05 norms     tense, tension, strained, suspenseful, tensely
-0.45 +0.60 -0.15 editorial agitated, agitation, restless, unsettled, upset, agitatedly
-0.60 +0.25 +0.30 editorial ominous, foreboding, sinister, dark, ominously
-0.45 +0.20 +0.10 editorial eerie, eeriness, creepy, haunting, eerily
-0.70 +0.45 -0.50 editorial desperate, desperation, desperately
-0.40 +0.40 -0.55 editorial pleading, begging, imploring, beseeching, pleadingly
-0.85 +0.40 -0.30 norms     pain, pained, suffering, in pain, agony
-0.55 +0.25 -0.35 norms     despairing, despair, hopeless, hopelessness, despairingly
# unpleasant and still
-0.80 +0.00 -0.55 editorial grieving, grief, mourning, heartbroken, bereaved
-0.70 -0.40 -0.50 norms     sad, sadness, unhappy, sorrowful, sorrow, sadly
-0.45 -0.45 -0.25 editorial melancholy, melancholic, gloomy, gloom, mournful, downcast
-0.05 -0.05 -0.25 editorial longing, yearning, pining, homesick, longingly
-0.65 -0.40 -0.50 editorial lonely, loneliness, alone, forsaken, isolated
-0.70 +0.05 -0.45 editorial hurt, wounded, offended, heartache, betrayed
-0.60 -0.20 -0.35 editorial disappointed, disappointment, let down, dismayed, disappointedly
-0.65 -0.05 -0.55 editorial ashamed, shame, humiliated, humiliation, shamefully
-0.65 +0.10 -0.45 editorial guilty, guilt, remorseful, regretful, guiltily
-0.45 +0.25 -0.45 editorial embarrassed, embarrassment, awkward, flustered
-0.10 -0.20 -0.50 editorial shy, shyness, timid, bashful, shyly
-0.40 -0.05 -0.60 editorial vulnerable, vulnerability, fragile, helpless
-0.40 -0.50 -0.40 editorial resigned, resignation, defeated, giving up, resignedly
-0.60 -0.65 -0.25 norms     bored, boredom, listless, bored stiff, monotonous
-0.50 -0.50 -0.35 norms     weary, weariness, tired, exhausted, wearily
+0.05 -0.85 -0.25 editorial sleepy, sleepiness, drowsy, half asleep, sleepily
"""

# Valence, arousal, then the name and its synonyms.
_VOCALISATIONS = """
+0.75 +0.50 laughing, laughter, laugh, giggling, chuckling
+0.80 +0.50 baby laughing, baby laugh, infant giggling
+0.80 +0.75 cheering, cheer, cheers, hurrah
-0.70 +0.20 crying, cry, sobbing, weeping, in tears
-0.65 +0.55 baby crying, baby cry, infant wailing
-0.65 +0.85 screaming, scream, shrieking, shriek
-0.30 +0.75 shouting, shout, yelling, yell
-0.10 +0.50 gasping, gasp, sharp breath
-0.30 -0.45 sighing, sigh, sighs
-0.20 -0.70 yawning, yawn, yawns
-0.60 +0.10 moaning, moan, groaning, groan
-0.65 +0.10 whimpering, whimper, sniffling
-0.10 +0.40 panting, pant, heavy breathing, breathing hard
+0.05 -0.40 whispering, whisper, whispered
+0.40 -0.25 humming, hum, humming a tune
-0.20 +0.15 coughing, cough, coughs
-0.05 +0.20 sneezing, sneeze, person sneeze
-0.05 -0.05 throat-clearing, clearing the throat, ahem
-0.10 +0.00 nose-blowing, blowing the nose
+0.00 -0.10 lip-smacking, smacking the lips
+0.05 -0.10 lip-popping, popping the lips
+0.00 -0.15 tongue-clicking, clicking the tongue, tutting
-0.20 +0.10 teeth-chattering, chattering teeth, shivering
-0.20 +0.05 teeth-grinding, grinding teeth, gnashing of teeth
"""


def _rows(table: str, figures: int) -> Iterator[tuple[list[str], str, tuple[str, ...]]]:
    """The leading figures of each line, its name and its synonyms; # begins a heading."""
    for line in table.strip().splitlines():
        if not line.startswith("#"):
            *values, words = line.split(maxsplit=figures)
            name, *synonyms = words.split(", ")
            yield values, name, tuple(synonyms)


def _emotion(values: list[str], name: str, synonyms: tuple[str, ...]) -> Emotion:
    valence, arousal, dominance = map(float, values[:3])
    source: Source = "norms" if values[3] == "norms" else "editorial"
    return Emotion(name, synonyms, valence, arousal, dominance, source)


#: Every feeling, in a fixed order.
TERMS = tuple(_emotion(*row) for row in _rows(_TERMS, 4))

#: Every act of the mouth, in a fixed order.
VOCALISATIONS = tuple(
    Vocalisation(name, synonyms, *map(float, values))
    for values, name, synonyms in _rows(_VOCALISATIONS, 2)
)


def _plain(word: str) -> str:
    """Case, hyphens, underscores and runs of spaces make no difference."""
    return " ".join(word.casefold().replace("-", " ").replace("_", " ").split())


_BY_WORD = {_plain(word): term for term in TERMS for word in (term.name, *term.synonyms)}


def lookup(word: str) -> Emotion | None:
    """The feeling of this name or synonym, in any case; None if the vocabulary has none."""
    return _BY_WORD.get(_plain(word))


def nearest(valence: float, arousal: float, n: int) -> tuple[Emotion, ...]:
    """The n feelings closest to a point by Euclidean distance, the closest first.

    Equally close ones keep the order of `TERMS`.
    """

    def distance(term: Emotion) -> float:
        return math.hypot(term.valence - valence, term.arousal - arousal)

    return tuple(sorted(TERMS, key=distance)[: max(n, 0)])
