"""What the sample library holds: one `Clip` a file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import ambience
import music
import voices
from numpy.random import Generator
from speech import speak, transcript
from synth import Audio, level

Maker = Callable[[Generator], Audio]


@dataclass(frozen=True)
class Encoding:
    """How a clip is written: names of libsndfile, rate in Hz, channels, 0 (best) to 1 (small)."""

    extension: str
    format: str
    subtype: str
    rate: int
    channels: int
    compression: float | None = None


VORBIS = Encoding("ogg", "OGG", "VORBIS", 24_000, 1, 0.75)
VORBIS_STEREO = Encoding("ogg", "OGG", "VORBIS", 24_000, 2, 0.8)
VORBIS_QUAD = Encoding("ogg", "OGG", "VORBIS", 24_000, 4, 1.0)
OPUS = Encoding("opus", "OGG", "OPUS", 48_000, 1)
OPUS_STEREO = Encoding("opus", "OGG", "OPUS", 24_000, 2)
MP3 = Encoding("mp3", "MP3", "MPEG_LAYER_III", 44_100, 2, 0.8)
MP3_MONO = Encoding("mp3", "MP3", "MPEG_LAYER_III", 16_000, 1, 0.7)
FLAC = Encoding("flac", "FLAC", "PCM_16", 22_050, 1)
WAV = Encoding("wav", "WAV", "PCM_16", 16_000, 1)
WAV_PHONE = Encoding("wav", "WAV", "PCM_U8", 8_000, 1)
WAV_DEEP = Encoding("wav", "WAV", "PCM_24", 8_000, 1)
AIFF = Encoding("aiff", "AIFF", "PCM_16", 12_000, 1)


@dataclass(frozen=True)
class Clip:
    """One file of the library.

    Attributes:
        name: path below sounds/ without extension.
        scenes: (feeling, maker) one after another; most clips have one.
        encoding: how it is written.
        speaker, sentence, transcript: empty where nobody speaks.
    """

    name: str
    scenes: tuple[tuple[str, Maker], ...]
    encoding: Encoding = VORBIS
    speaker: str = ""
    sentence: str = ""
    transcript: str = ""

    @property
    def path(self) -> str:
        """Path below docs/sample."""
        return f"sounds/{self.name}.{self.encoding.extension}"

    @property
    def kind(self) -> str:
        """Its first folder: speech, voices, music or ambience."""
        return self.name.split("/")[0]

    @property
    def feeling(self) -> str:
        """The one feeling, or "changing"."""
        return self.scenes[0][0] if len(self.scenes) == 1 else "changing"


SPOKEN = {
    "us-f4": "neutral:cup angry:cup sad:cup happy:cup calm:river",
    "scot-f2": "sad:letter tender:letter fearful:letter excited:letter neutral:train",
    "rp-f3": "bored:shop happy:shop fearful:shop bitter:coat surprised:coat",
    "us-f5": "angry:train calm:train tearful:coat desperate:coat secretive:letter",
    "us-m3": "neutral:coat angry:coat sad:coat fearful:coat excited:shop",
    "scot-m4": "happy:river calm:cup bored:train disgusted:letter proud:shop",
    "rp-m7": "bitter:letter tender:river disgusted:cup proud:river secretive:train",
    "us-m1": "angry:letter tearful:river desperate:train surprised:cup",
}

UNUSUAL = {
    "us-f4/cup-neutral": FLAC,
    "us-f5/train-calm": OPUS,
    "us-m3/coat-angry": MP3_MONO,
    "us-m1/letter-angry": WAV_PHONE,
    "rp-f3/shop-happy": OPUS,
    "scot-m4/cup-calm": MP3_MONO,
    "rp-m7/cup-disgusted": AIFF,
    "scot-f2/train-neutral": VORBIS_STEREO,
}


def act(speaker: str, sentence: str, feeling: str) -> tuple[str, Maker]:
    """A scene in which a voice says a sentence."""
    return feeling, partial(speak, speaker=speaker, sentence=sentence, feeling=feeling)


def spoken() -> list[Clip]:
    """Neutral sentences, acted."""
    clips = []
    for speaker, takes in SPOKEN.items():
        for take in takes.split():
            feeling, sentence = take.split(":")
            name = f"{speaker}/{sentence}-{feeling}"
            scene = act(speaker, sentence, feeling)
            encoding = UNUSUAL.get(name, VORBIS)
            text = transcript(sentence)
            clips.append(Clip(f"speech/{name}", (scene,), encoding, speaker, sentence, text))
    return clips


def phone_call() -> Clip:
    """One speaker, from calm through worry, anger and tears to relief."""
    speaker = "us-f4"
    course = "calm:train neutral:coat fearful:letter angry:letter angry:shop desperate:coat"
    course += " tearful:river calm:river tender:cup"
    scenes, words = [], []
    for turn in course.split():
        feeling, sentence = turn.split(":")
        scenes.append(act(speaker, sentence, feeling))
        words.append(transcript(sentence))
    return Clip("speech/longer/phone-call", tuple(scenes), VORBIS, speaker, "", " ".join(words))


def voiced(loudness: float, sketch: Callable[..., Audio], **how: float) -> Maker:
    """A sketch brought to a loudness."""

    def make(rng: Generator) -> Audio:
        return level(sketch(rng, **how), loudness)

    return make


WOMAN, MAN, BABY = 0.86, 1.0, 0.68

VOICES = (
    ("laugh-woman", "happy", VORBIS, voiced(-18, voices.laugh, pitch=270, size=WOMAN)),
    ("laugh-man", "happy", OPUS, voiced(-18, voices.laugh, pitch=165, size=MAN, bursts=6)),
    ("sob-woman", "sad", VORBIS, voiced(-22, voices.sob, pitch=300, size=WOMAN)),
    ("sob-man", "sad", VORBIS, voiced(-24, voices.sob, pitch=165, size=MAN)),
    ("sigh-woman", "tired", WAV, voiced(-31, voices.sigh, pitch=210, size=WOMAN)),
    ("sigh-man", "relieved", VORBIS, voiced(-28, voices.sigh, pitch=115, size=MAN)),
    ("scream-woman", "terrified", VORBIS, voiced(-11, voices.scream, pitch=950, size=WOMAN)),
    ("scream-man", "terrified", VORBIS, voiced(-12, voices.scream, pitch=480, size=MAN)),
    ("gasp-woman", "startled", VORBIS, voiced(-25, voices.gasp, pitch=330, size=WOMAN)),
    ("hum-woman", "content", VORBIS, voiced(-25, voices.hum, pitch=220, size=WOMAN)),
    ("hum-man", "content", FLAC, voiced(-26, voices.hum, pitch=110, size=MAN)),
    ("groan-man", "in pain", VORBIS, voiced(-20, voices.groan, pitch=95, size=MAN)),
    ("growl-man", "angry", VORBIS, voiced(-15, voices.growl, pitch=85, size=MAN)),
    ("yawn-woman", "bored", VORBIS, voiced(-26, voices.yawn, pitch=230, size=WOMAN)),
    ("cheer-man", "excited", VORBIS, voiced(-15, voices.cheer, pitch=210, size=MAN)),
    ("whimper-woman", "fearful", VORBIS, voiced(-29, voices.whimper, pitch=420, size=WOMAN)),
    ("wail-baby", "distressed", MP3, voiced(-16, voices.wail, pitch=430, size=BABY)),
)

MUSIC = (
    ("lament", "sad", VORBIS_STEREO, voiced(-22, music.lament)),
    ("sunshine", "happy", MP3, voiced(-18, music.sunshine)),
    ("dread", "fearful", VORBIS_STEREO, voiced(-19, music.dread)),
    ("lullaby", "tender", VORBIS_STEREO, voiced(-27, music.lullaby)),
    ("omen", "ominous", VORBIS_STEREO, voiced(-20, music.omen)),
    ("fanfare", "triumphant", OPUS_STEREO, voiced(-15, music.fanfare)),
    ("dance", "excited", VORBIS_STEREO, voiced(-15, music.dance)),
    ("rage", "angry", VORBIS_STEREO, voiced(-14, music.rage)),
    ("meadow", "calm", VORBIS_STEREO, voiced(-25, music.meadow)),
    ("waltz", "nostalgic", VORBIS_STEREO, voiced(-24, music.waltz)),
    ("chase", "tense", VORBIS_STEREO, voiced(-17, music.chase)),
)

AMBIENCE = (
    ("rain", "calm", VORBIS_STEREO, voiced(-26, ambience.rain)),
    ("wind", "lonely", VORBIS_STEREO, voiced(-25, ambience.wind)),
    ("clock", "bored", WAV_DEEP, voiced(-33, ambience.ticking)),
    ("surf", "calm", VORBIS_QUAD, voiced(-24, ambience.surf)),
    ("engine", "restless", VORBIS, voiced(-18, ambience.engine)),
    ("birds", "cheerful", OPUS_STEREO, voiced(-26, ambience.birds)),
    ("fire", "cosy", VORBIS, voiced(-28, ambience.fire)),
    ("thunder", "threatening", VORBIS, voiced(-19, ambience.thunder)),
    ("siren", "alarmed", MP3_MONO, voiced(-14, ambience.siren)),
    ("heartbeat", "anxious", VORBIS, voiced(-22, ambience.heartbeat)),
    ("swarm", "unpleasant", VORBIS_STEREO, voiced(-19, ambience.swarm)),
    ("brook", "peaceful", VORBIS_STEREO, voiced(-27, ambience.brook)),
)


def storm() -> Clip:
    """Music whose feeling changes: calm, tense, fearful, angry, triumphant."""
    order = {"meadow": 0, "chase": 1, "dread": 2, "rage": 3, "fanfare": 4}
    chosen = sorted((one for one in MUSIC if one[0] in order), key=lambda one: order[one[0]])
    scenes = tuple((feeling, make) for _, feeling, _, make in chosen)
    return Clip("music/storm-and-after", scenes, VORBIS_STEREO)


def all_clips() -> list[Clip]:
    """Every clip of the library, in the order of its labels."""
    clips = [*spoken(), phone_call()]
    for folder, sketches in (("voices", VOICES), ("music", MUSIC), ("ambience", AMBIENCE)):
        for name, feeling, encoding, make in sketches:
            clips.append(Clip(f"{folder}/{name}", ((feeling, make),), encoding))
    return [*clips, storm()]
