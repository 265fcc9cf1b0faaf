"""What people call feelings and sounds: the raw material of captions.

`FEELINGS` and `SOUNDS` are small tables of our own. The words after a bar (`|`) are held out:
they are never trained on, so that what a prompt with an unseen word finds can be measured.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """How a feeling is said. Each field is split at commas; after `|` come held-out words.

    Attributes:
        adjectives: fit "a ... voice".
        nouns: fit "a voice full of ...".
        strong, mild: adjectives of a strong and a mild case.
        adverbs: fit "speaking ...".
        phrases: stand alone; separated by semicolons.
    """

    adjectives: str
    nouns: str = ""
    strong: str = ""
    mild: str = ""
    adverbs: str = ""
    phrases: str = ""


FEELINGS: dict[str, Words] = {
    "neutral": Words(
        "neutral, unemotional, matter-of-fact, plain, ordinary, expressionless, even, flat, "
        "impassive, businesslike | dispassionate, deadpan",
        "no emotion, neutrality, indifference",
        adverbs="neutrally, in a flat tone, without emotion, in a normal voice, factually",
        phrases="talking without any feeling; just stating the facts; reading aloud in a normal "
        "tone; no particular emotion; neither happy nor sad; a newsreader giving information",
    ),
    "calm": Words(
        "calm, peaceful, relaxed, serene, gentle, soothing, tranquil, composed, quiet, mellow "
        "| placid, unhurried",
        "calm, peace, serenity, relaxation, tranquility",
        adverbs="calmly, peacefully, gently, softly, quietly, in a soothing way",
        phrases="taking it easy; everything is fine and still; a soothing bedtime voice; at peace "
        "with the world; soft and slow and relaxed; guiding a meditation",
    ),
    "happy": Words(
        "happy, cheerful, joyful, glad, delighted, merry, excited, amused, bright, upbeat, "
        "playful, enthusiastic | jolly, gleeful",
        "joy, happiness, delight, excitement, cheer, amusement | glee",
        strong="overjoyed, ecstatic, thrilled, elated, euphoric | jubilant",
        mild="pleased, content, satisfied, quietly happy",
        adverbs="happily, cheerfully, joyfully, with a smile, excitedly",
        phrases="talking with a big smile; someone who just got wonderful news; having a great "
        "time; cheerful and full of energy; laughing with joy; this is the best day ever; so glad "
        "to see you; celebrating a victory",
    ),
    "sad": Words(
        "sad, unhappy, sorrowful, gloomy, depressed, melancholy, downcast, tearful, mournful, "
        "miserable, dejected, hurt, lonely, bitter | heartbroken, glum",
        "sadness, sorrow, grief, unhappiness, melancholy, despair | heartache",
        strong="devastated, grief-stricken, despairing, sobbing, inconsolable | distraught",
        mild="a little sad, slightly down, disappointed, wistful",
        adverbs="sadly, tearfully, in a low sad voice, sorrowfully, with a broken voice",
        phrases="holding back tears; on the verge of crying; someone who just lost their dog; "
        "a voice breaking with grief; mourning a friend; everything is lost; feeling down and "
        "alone; bad news and a heavy heart",
    ),
    "angry": Words(
        "angry, mad, furious, irritated, annoyed, aggressive, hostile, outraged, cross, heated, "
        "threatening | irate, livid",
        "anger, rage, fury, irritation, hostility, aggression | wrath",
        strong="furious, enraged, raging, seething, yelling mad | incensed",
        mild="annoyed, slightly irritated, a bit cross, displeased",
        adverbs="angrily, furiously, in a harsh voice, aggressively, with rage",
        phrases="shouting at someone; yelling in rage; losing their temper; a heated argument; "
        "spitting out the words in fury; scolding someone harshly; threatening somebody; fed up "
        "and about to explode",
    ),
    "fearful": Words(
        "fearful, afraid, scared, frightened, anxious, nervous, terrified, worried, panicked, "
        "alarmed, uneasy | apprehensive, spooked",
        "fear, terror, anxiety, panic, dread, worry | trepidation",
        strong="terrified, petrified, panic-stricken, horrified | aghast",
        mild="nervous, a little worried, uneasy, slightly anxious",
        adverbs="fearfully, anxiously, with a trembling voice, nervously, in panic",
        phrases="voice trembling with fear; scared for their life; someone is behind the door; "
        "begging for help; hiding and terrified; expecting something terrible; a shaky frightened "
        "voice; afraid of the dark",
    ),
    "disgust": Words(
        "disgusted, revolted, repulsed, sickened, contemptuous, grossed out | appalled",
        "disgust, revulsion, repulsion, contempt, distaste | loathing",
        strong="utterly disgusted, nauseated",
        mild="slightly disgusted, put off",
        adverbs="with disgust, in a disgusted tone, with contempt",
        phrases="that is gross; tasting something rotten; recoiling from a foul smell; finding it "
        "revolting; yuck, take it away; sneering with contempt",
    ),
    "surprised": Words(
        "surprised, astonished, amazed, shocked, startled, stunned | flabbergasted",
        "surprise, astonishment, amazement, shock, disbelief | bewilderment",
        strong="astounded, completely shocked, thunderstruck",
        mild="mildly surprised, a bit taken aback",
        adverbs="in surprise, with astonishment, in disbelief",
        phrases="I cannot believe it; caught off guard; taken by surprise; wow, really; did not "
        "see that coming; gasping in astonishment",
    ),
    "bored": Words("bored, uninterested, listless | jaded", "boredom, tedium"),
    "pain": Words(
        "pained, suffering, hurting | anguished", "pain, suffering, agony | torment",
        phrases="in great pain; groaning with a bad injury",
    ),
    "weary": Words(
        "weary, tired, exhausted, resigned | drained", "weariness, fatigue, resignation",
        phrases="tired after a long day; giving up with a sigh",
    ),
    "breathless": Words(
        "breathless, winded, out of breath | puffed", "breathlessness, exertion",
        phrases="after running up the stairs; catching their breath",
    ),
    "amazement": Words("amazing, wondrous, awe-inspiring | dazzling", "amazement, wonder, awe"),
    "solemnity": Words("solemn, sacred, ceremonial, reverent | stately", "solemnity, reverence"),
    "tenderness": Words(
        "tender, affectionate, loving, romantic, warm | fond", "tenderness, love, affection",
        phrases="a love song; warm and tender",
    ),
    "nostalgia": Words(
        "nostalgic, dreamy, sentimental, wistful | bittersweet", "nostalgia, longing, yearning",
        phrases="remembering old times; dreaming of the past",
    ),
    "power": Words(
        "powerful, energetic, strong, triumphant, heroic, epic | mighty",
        "power, energy, triumph, strength", phrases="full of energy and force",
    ),
    "tension": Words(
        "tense, agitated, restless, suspenseful, nervous, unsettling | edgy",
        "tension, agitation, suspense", phrases="something bad is about to happen",
    ),
}  # fmt: skip

SOUNDS: dict[str, str] = {
    "laughing": "laughter; someone laughing; a person laughing out loud; giggling; chuckling; "
    "a burst of laughter; laughing | cracking up",
    "crying": "crying; someone crying; sobbing; weeping; a person in tears; wailing | bawling",
    "screaming": "screaming; a scream; someone screaming in terror; a shriek; a piercing scream; "
    "screaming for help | a yell of fright",
    "sighing": "a sigh; sighing; someone sighs; a deep sigh; sighing with tiredness; letting out "
    "a long breath | an exhausted sigh",
    "yawning": "a yawn; yawning; someone yawning; a sleepy yawn; a big tired yawn | a drowsy yawn",
    "moaning": "moaning; a moan; groaning; someone moaning in pain; a groan | a pained groan",
    "panting": "panting; heavy breathing; someone out of breath; gasping for air; breathing hard "
    "after running | huffing and puffing",
    "throat-clearing": "clearing the throat; throat clearing; someone clears their throat; ahem "
    "| a throat being cleared",
    "coughing": "a cough; coughing; someone coughing; a coughing fit; a dry cough | hacking cough",
    "sneezing": "a sneeze; sneezing; someone sneezes; achoo | a loud sneeze",
    "nose-blowing": "blowing the nose; nose blowing; someone blows their nose; sniffling into a "
    "tissue | a runny nose being blown",
    "lip-popping": "lip popping; popping lips; popping sounds with the mouth | a lip pop",
    "lip-smacking": "lip smacking; smacking lips; chewing noisily; mouth smacking sounds "
    "| a smack of the lips",
    "tongue-clicking": "tongue clicking; clicking the tongue; tutting; tongue clicks "
    "| a click of the tongue",
    "teeth-chattering": "teeth chattering; chattering teeth; shivering with cold, teeth clatter "
    "| rattling teeth",
    "teeth-grinding": "teeth grinding; grinding teeth; gnashing of teeth | gritted teeth grating",
    "baby cry": "a baby crying; an infant crying; a crying baby; a newborn wailing; an upset baby "
    "| a bawling infant",
    "baby laugh": "a baby laughing; an infant giggling; a happy baby; baby laughter "
    "| a chuckling toddler",
    "rain": "rain; rain falling; the sound of rain; heavy rain on a roof; rain falling, no emotion "
    "| a downpour",
    "sea waves": "sea waves; ocean waves on a beach; the sound of the sea; surf | breakers",
    "fire crackling": "a crackling fire; fire crackling; burning wood; a campfire | flames",
    "clock tick": "a ticking clock; clock ticking; tick tock of a clock | a wall clock",
    "dog bark": "a dog barking; barking; a barking dog; a dog | woofing",
    "rooster": "a rooster crowing; a cockerel; cock-a-doodle-doo; a rooster | a crowing cock",
    "chainsaw": "a chainsaw; a chainsaw cutting wood; a loud power saw | a motor saw",
    "helicopter": "a helicopter; helicopter flying overhead; rotor blades | a chopper",
}


def split(text: str, separator: str = ",", *, held_out: bool = False) -> list[str]:
    """The words before the bar, or, with `held_out`, the ones after it."""
    before, _, after = text.partition("|")
    return [
        word.strip() for word in (after if held_out else before).split(separator) if word.strip()
    ]


def held_out_words() -> frozenset[str]:
    """Every held-out word for a feeling."""
    return frozenset(
        word
        for words in FEELINGS.values()
        for field in (words.adjectives, words.nouns, words.strong, words.mild)
        for word in split(field, held_out=True)
    )
