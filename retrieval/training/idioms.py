"""How feelings are called in English, written by hand: turns of phrase, nouns and degrees.

The rules of `lexicon` hold here too: one feeling each, and nothing that is held out.
"""

#: Fit "the speaker sounds ...", but not before a noun.
IDIOMS: dict[str, str] = {
    "neutral": "neither here nor there, neither up nor down, neither one thing nor the other, "
    "strictly business, all business, devoid of emotion, void of feeling, free of emotion, "
    "without affect, unmoved by it all, on autopilot, like a robot, like a machine, "
    "like a satnav, as plain as can be, so-so, nothing special, unmoved either way, "
    "emotionally flat, like a talking clock, like an answering machine",
    "calm": "at ease, at peace, at rest, at one with the world, cool as a cucumber, "
    "calm and collected, calm as a millpond, in no rush, in a meditative state, without a care, "
    "free of stress, unbothered, safe and sound, laid back, chilled out, "
    "at peace with themselves, totally relaxed, soft as a feather, quiet as a sleeping lake, "
    "like a yoga teacher, like a lullaby",
    "happy": "over the moon, on cloud nine, in seventh heaven, on top of the world, "
    "like walking on air, tickled pink, pleased as punch, happy as Larry, happy as a clam, "
    "happy as a lark, like a dog with two tails, full of the joys of spring, in high spirits, "
    "in good spirits, in a great mood, full of beans, in stitches, all smiles, "
    "like the cat that got the cream, ready to jump for joy, full of cheer, bright and breezy, "
    "high on life, in fine fettle, well chuffed, in a party mood, like a kid at Christmas, "
    "like a kid in a candy store",
    "sad": "down in the dumps, down in the mouth, in low spirits, sick at heart, "
    "in floods of tears, close to tears, near tears, on the brink of tears, lost in grief, "
    "in a pit of despair, in the depths of despair, cut up about it, choked up, all cried out, "
    "torn apart by loss, heavy of heart, in mourning, at rock bottom, beyond consolation, "
    "at a low ebb, bummed out, lost and alone, weighed down by sorrow, full of regret, "
    "hollow inside, empty inside, miserable as sin, lonely as a cloud",
    "angry": "fed up to the back teeth, hopping mad, mad as hell, mad as a hornet, "
    "ready to see red, hot under the collar, up in arms, at the end of their tether, "
    "like a bear with a sore head, at boiling point, fit to be tied, on the warpath, in a temper, "
    "in a foul mood, bent out of shape, ready to blow, about to snap, sick and tired of it, "
    "out for blood, steaming mad, in a huff, ticked off, pissed off, cheesed off, hacked off, "
    "up to here with it, at daggers drawn, ready for a fight, ready to punch someone, "
    "out of patience",
    "fearful": "scared stiff, scared to death, scared out of their wits, frightened to death, "
    "white as a sheet, like a shaking leaf, frozen with fear, rooted to the spot, "
    "rigid with fear, in a cold sweat, in fear and trembling, like a bundle of nerves, "
    "like a nervous wreck, in a blue funk, worried sick, sick with worry, "
    "afraid of their own shadow, ready to jump at shadows, in fear of their life, "
    "like a rabbit in the headlights, too frightened to speak, in a flap, all of a tremble, "
    "freaked out, creeped out, close to panic, like a frightened child, like prey",
    "disgust": "sick to the stomach, about to throw up, ready to vomit, turned off, "
    "off their food, green around the gills, full of contempt, full of scorn, beneath contempt, "
    "filled with revulsion, unable to stomach it, close to gagging, ready to be sick, "
    "as if something stinks, as if they smelled something bad, "
    "as if they bit into something rotten, as if looking down their nose, ready to spit it out, "
    "queasy at the sight, grossed out by it all",
    "surprised": "taken aback, lost for words, at a loss for words, bowled over, "
    "knocked sideways, knocked for six, blown away, caught unawares, caught on the hop, "
    "stopped in their tracks, struck dumb, left speechless, stunned into silence, "
    "in total disbelief, hardly able to believe it, unable to believe their ears, "
    "unable to believe their eyes, thrown for a loop, hit by a bolt from the blue, "
    "with their jaw on the floor, knocked off their feet, completely unprepared, "
    "ready to pinch themselves, taken unawares, caught flat-footed, as if they had seen a miracle",
    "bored": "bored stiff, bored to tears, bored to death, bored rigid, bored out of their mind, "
    "bored silly, sick of it all, in the doldrums, as dull as ditchwater, "
    "like watching paint dry, lost to the clock, utterly uninterested",
    "pain": "in agony, in pain, in agonies, doubled up in pain, racked with pain, "
    "wracked with pain, crippled with pain, hurt all over, in a world of pain, in a bad way, "
    "black and blue, in labour, in terrible pain, sore all over, unable to stand the pain",
    "weary": "dead on their feet, worn out, worn to a frazzle, out on their feet, low on energy, "
    "ready to drop, done in, dead beat, fit to drop, half dead with tiredness, in need of a rest, "
    "out of steam, out of energy, past caring, burned out, tired to the bone, ready for bed",
    "breathless": "short of breath, gasping for breath, desperate for air, "
    "hardly able to breathe, unable to catch their breath, barely able to get the words out, "
    "as if they just ran a marathon, in need of air, starved of air, fresh from a run, "
    "red in the face, hot and sweaty, fresh from the gym, as if they had run for the bus, "
    "ready to collapse after the race",
    "amazement": "in awe, lost in wonder, filled with wonder, out of this world, under a spell, "
    "full of wonder, too beautiful for words, touched by magic, like magic, filled with awe, "
    "swept away by beauty",
    "solemnity": "with bowed head, on bended knee, in prayer, in silent tribute, "
    "hushed with respect, fit for a cathedral, like a vow, full of reverence, "
    "worthy of the occasion, like a prayer, deep in prayer",
    "tenderness": "head over heels, in love, madly in love, full of love, sweet on someone, "
    "soft on someone, wrapped in a hug, straight from the heart, close to the heart, "
    "lost in each other's eyes, full of tenderness, as loving as a mother",
    "nostalgia": "lost in memories, in a reverie, far away in the past, back in the old days, "
    "full of longing for home, lost in a daydream, lost in a dream, back in childhood, "
    "sick for home, full of memories, lost in yesterday",
    "power": "on a winning streak, larger than life, ready for battle, "
    "ready to conquer the world, at full power, at full throttle, full of vigour, in full force, "
    "fighting fit, pumped up, fired up, in command",
    "tension": "on tenterhooks, on pins and needles, like a coiled spring, wound up tight, "
    "strung out, keyed up, under pressure, under strain, stretched to breaking point, "
    "like a ticking bomb, ready to bite their nails, as if hanging by a thread, "
    "as if walking on eggshells",
}

#: Fit "the sound of ...".
NOUNS: dict[str, str] = {
    "neutral": "detachment, impartiality, objectivity, matter-of-factness, blankness, flatness, "
    "evenness, plainness, ordinariness, formality, professionalism, stoicism, factuality, "
    "normality, emotional distance, lack of emotion, absence of feeling, zero emotion, routine, "
    "even-handedness, impassivity, plain facts, expressionlessness, bare information",
    "calm": "calmness, stillness, quietude, composure, ease, repose, equanimity, tranquillity, "
    "peacefulness, restfulness, gentleness, softness, comfort, reassurance, poise, "
    "level-headedness, sangfroid, rest, harmony, hush, inner peace, peace of mind, mellowness, "
    "unflappability, patience, deep relaxation, quietness",
    "happy": "gladness, cheerfulness, merriment, mirth, bliss, elation, euphoria, ecstasy, "
    "exuberance, exhilaration, enthusiasm, fun, good cheer, high spirits, good humour, "
    "good humor, gaiety, joviality, levity, optimism, pleasure, enjoyment, playfulness, "
    "rejoicing, revelry, rapture, hilarity, joie de vivre, zest, lightheartedness, buoyancy, "
    "sunshine",
    "sad": "misery, woe, gloom, despondency, dejection, depression, mourning, bereavement, "
    "desolation, regret, remorse, loneliness, hopelessness, disappointment, wretchedness, tears, "
    "tearfulness, lamentation, downheartedness, dolour, heaviness of heart, self-pity, "
    "gloominess, loss, mournfulness, melancholia, the blues, lament, unbearable loss",
    "angry": "outrage, indignation, resentment, annoyance, exasperation, frustration, temper, "
    "rancour, rancor, spite, malice, venom, vitriol, hatred, hate, animosity, antagonism, "
    "belligerence, vexation, displeasure, ill temper, irritability, violence, ferocity, "
    "vengeance, spleen, acrimony, umbrage, menace, bad temper, ill will",
    "fearful": "fright, horror, alarm, nervousness, unease, angst, timidity, cowardice, hysteria, "
    "distress, anxiousness, nerves, the jitters, the creeps, phobia, paranoia, mortal fear, "
    "fearfulness, desperation, cold dread, blind panic, stage fright, helplessness, cold feet, "
    "nightmare, nightmares",
    "disgust": "repugnance, abhorrence, aversion, nausea, queasiness, detestation, scorn, "
    "disdain, derision, antipathy, abomination, squeamishness, filth, stench, foulness, "
    "grossness, odium, repellence, contemptuousness, the ick, vileness, repulsiveness, "
    "distastefulness, sliminess, rottenness",
    "surprised": "incredulity, stupefaction, startlement, bolt from the blue, bombshell, "
    "thunderbolt, revelation, unexpectedness, speechlessness, dumbfoundment, jolt, eye-opener, "
    "jaw-dropper, suddenness, unbelief, sudden realisation, big surprise, plot twist, "
    "unforeseen news, stunned silence, abruptness, total shock, surprises, sheer disbelief",
    "bored": "ennui, monotony, apathy, listlessness, dullness, disengagement, tediousness, "
    "drudgery, dreariness, drabness, lack of interest, lack of enthusiasm, repetitiveness, "
    "half-heartedness",
    "pain": "ache, aches and pains, torture, soreness, affliction, injury, wounds, excruciation, "
    "stabbing pain, throbbing, cramps, spasms, labour pains, toothache, physical suffering, "
    "death throes",
    "weary": "tiredness, exhaustion, lethargy, burnout, drowsiness, sleepiness, world-weariness, "
    "jet lag, lassitude, languor, enervation, defeat, sleep deprivation, sluggishness, grogginess",
    "breathless": "wheeze, wheezing, shortness of breath, physical effort, hard breathing, "
    "laboured breathing, labored breathing, gulps of air, heavy exertion, asthma, lack of air, "
    "physical strain",
    "amazement": "wonderment, marvel, enchantment, magic, fascination, splendour, splendor, "
    "sublimity, transcendence, goosebumps, majesty, miracle, beauty, starlight",
    "solemnity": "gravity, dignity, seriousness, piety, sanctity, holiness, prayer, worship, "
    "ceremony, ritual, respect, veneration, earnestness, sacredness, spirituality, faith, "
    "gravitas",
    "tenderness": "warmth, devotion, adoration, care, compassion, intimacy, kindness, romance, "
    "sweetness, attachment, motherly love, closeness, infatuation, sympathy, tender care, "
    "true love",
    "nostalgia": "reminiscence, memories, memory, remembrance, reverie, wistfulness, "
    "sentimentality, homesickness, daydreaming, dreaminess, the past, the good old days, "
    "yesteryear, old times, childhood memories, retrospection, pensiveness",
    "power": "force, vigour, vigor, dynamism, drive, victory, conquest, glory, heroism, courage, "
    "bravery, domination, dominance, authority, determination, momentum, adrenaline, "
    "invincibility, firepower, potency, muscle, grandeur, valour",
    "tension": "stress, strain, pressure, unrest, restlessness, foreboding, uneasiness, urgency, "
    "impatience, disquiet, nervous energy, dissonance, mystery, eeriness, creepiness, "
    "premonition, doom, anticipation",
}

#: A strong case of a feeling.
STRONG: dict[str, str] = {
    "happy": "exultant, rapturous, delirious with joy, beside herself with joy, "
    "deliriously happy, wildly happy, thrilled to bits, ecstatically happy, "
    "bursting with happiness, exhilarated, beyond happy, wild with joy, blissfully happy, "
    "mad with delight, bursting with joy, overcome with joy, absolutely thrilled",
    "sad": "shattered by grief, crushed with sorrow, weeping uncontrollably, "
    "devastated by the loss, utterly miserable, emotionally destroyed, desolate with grief, "
    "in deep despair, sobbing uncontrollably, overwhelmed by grief, wailing with grief, "
    "completely broken, profoundly sad, desperately unhappy, sick with grief, "
    "crying their eyes out",
    "angry": "apoplectic, blazing with anger, incandescent with rage, boiling with rage, "
    "white-hot with fury, spitting mad, foaming with rage, absolutely furious, mad with rage, "
    "in a towering rage, bursting with anger, murderous with rage, screaming with rage, "
    "blind with fury, out of control with anger, consumed by hatred, ready to kill, "
    "foaming at the mouth",
    "fearful": "scared witless, paralysed with fear, paralyzed with terror, "
    "out of their mind with fear, in abject terror, in mortal terror, hysterical with fear, "
    "frozen in terror, screaming in panic, mad with fear, in a blind panic, terror-struck, "
    "frightened out of their skin, deathly afraid, utterly terrified, gripped by terror",
    "disgust": "revolted to the core, violently sick, retching with disgust, "
    "gagging with disgust, physically sick, sickened to the core, filled with utter contempt, "
    "nauseated beyond words, deeply repulsed, completely grossed out, overcome with nausea, "
    "about to vomit, thoroughly revolted, absolutely disgusted",
    "surprised": "absolutely stunned, utterly astonished, shocked to the core, "
    "shocked beyond words, stunned beyond belief, reeling, reeling from shock, floored, "
    "speechless with shock, gobsmacked beyond belief, astonished beyond measure, "
    "in utter disbelief, totally blindsided, knocked over by the news",
}

#: A mild case of a feeling.
MILD: dict[str, str] = {
    "happy": "fairly happy, mildly amused, gently pleased, rather pleased, cautiously optimistic, "
    "moderately cheerful, in a decent mood, contented, faintly amused, pleasantly satisfied, "
    "a bit cheerful, softly smiling, comfortable and content, a little upbeat, somewhat glad",
    "sad": "a touch melancholy, somewhat down, a bit low, subdued, a little blue, faintly sad, "
    "mildly disappointed, rather deflated, vaguely sorrowful, slightly gloomy, quietly sorrowful, "
    "a tad gloomy, a bit teary, not very cheerful, a little lonely",
    "angry": "miffed, peeved, piqued, a bit annoyed, somewhat irritated, slightly put out, "
    "mildly vexed, a little cross, nettled, faintly irritated, a touch impatient, "
    "rather displeased, a tad grumpy, slightly huffy, tetchy, a little short with people",
    "fearful": "a bit nervous, slightly worried, a touch anxious, mildly concerned, "
    "vaguely uneasy, somewhat jittery, a little wary, rather nervous, faintly worried, "
    "a tad nervous, a bit jumpy, mildly alarmed, a little shaky, somewhat anxious",
    "disgust": "a bit grossed out, a little repulsed, faintly queasy, mildly repelled, "
    "somewhat put off, not keen on the taste, a touch squeamish, slightly queasy, "
    "vaguely disgusted, a tad disdainful, mildly contemptuous, a little sickened, "
    "faintly scornful",
    "surprised": "a little surprised, slightly startled, a bit surprised, faintly astonished, "
    "somewhat taken aback, a touch startled, mildly amazed, quietly surprised, "
    "ready to raise an eyebrow, a tad shocked, vaguely surprised, pleasantly surprised",
}
