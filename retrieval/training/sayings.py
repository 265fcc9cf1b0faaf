"""What people say when they feel so, what music does, and feelings that show through others.

Phrases by key of `words.FEELINGS`, separated by semicolons, under the rules of `situations`.
"""

#: Words in the mouth of who feels so.
SAYINGS: dict[str, str] = {
    "neutral": "the meeting starts at three; the next train leaves from platform two; "
    "please hold the line; press one for more options; the file is on the second shelf; "
    "it is four o'clock; the form has three pages; water boils at one hundred degrees; "
    "here are the figures for May; the shop closes at six; "
    "please state your name and date of birth; the report is attached; turn left at the lights",
    "calm": "take a deep breath; everything is going to be all right; there is no rush; "
    "close your eyes and relax; let it all go; shh, go back to sleep; "
    "we have all the time in the world; just breathe in and out; you are safe here; "
    "let your shoulders drop; nothing to worry about; easy now, easy; "
    "no need to panic, I have got you; sweet dreams",
    "happy": "I am so happy for you; we did it; this is amazing news; best birthday ever; "
    "I got the job; I can't wait to see you; that is the funniest thing I have ever heard; "
    "what a beautiful day; hooray; yippee; life is good; I passed, I passed; "
    "come here and give me a hug; woohoo; this made my day; I have never been happier",
    "sad": "I miss her so much; he is gone; I have nobody left; why did you leave me; "
    "I am so sorry for your loss; it is all my fault; nothing matters any more; "
    "I can't stop crying; I wish he were still here; we lost the baby; I just want her back; "
    "she is never coming home; I feel so alone; it hurts that you forgot me; goodbye, my love",
    "angry": "get away from me!; how dare you; shut up; I told you a hundred times; "
    "get out of my house; don't you ever touch my things again; this is unacceptable; "
    "I have had enough; what is wrong with you; you liar; leave me alone, damn it; I hate you; "
    "who do you think you are; are you kidding me right now; I want to speak to the manager; "
    "you will pay for this; stop it this instant; you ruined everything",
    "fearful": "please don't hurt me; somebody help me; did you hear that; he is coming; "
    "don't leave me here; I am so scared; we are going to die; oh no, oh no, oh no; who is there; "
    "run for your life; I don't want to go in there; what if something goes wrong; "
    "please let me go; it is right behind you; call the police, quick",
    "disgust": "ew, get it off me; that smells awful; I am going to be sick; you make me sick; "
    "that is revolting; this tastes foul; how can you eat that; yuck; what a vile thing to do; "
    "I can't even look at it; ugh, so gross; keep that filthy thing away from me; bleh; "
    "this milk has gone off; who left this rotting here; you are beneath me",
    "surprised": "no way; are you serious; you are kidding; what, really; oh my goodness; "
    "where did you come from; I had no idea; well, I never; you did what; blimey; since when; "
    "wait, what; get out of here, that can't be true; good heavens; "
    "I never expected to see you here; holy cow; who would have thought; "
    "how is that even possible",
    "bored": "are we done yet; whatever; wake me when it is over; this again; "
    "I have nothing to do; how much longer; who cares; same old, same old; "
    "yeah, yeah, I heard you; blah blah blah",
    "pain": "ow, that hurts; my leg, my leg; it burns; make it stop hurting; ouch; "
    "I think it is broken; don't touch it, it hurts; get me a doctor",
    "weary": "I need some sleep; I can't do this any more, I am too tired; let us call it a day; "
    "fine, have it your way; what is the use; I could sleep for a week; I have not slept in days; "
    "wake me tomorrow",
    "breathless": "wait, let me catch my breath; I ran all the way; slow down, I can't keep up; "
    "give me a second, I can't breathe; I just ran ten miles",
    "amazement": "it is so beautiful; I have never seen anything like it; "
    "look at all those stars; it gives me goosebumps; behold; words can't describe it",
    "solemnity": "let us pray; we are gathered here today; we will remember them; "
    "I do solemnly swear; rest in peace; in nomine patris",
    "tenderness": "I love you; you mean the world to me; come here, my darling; "
    "I will always take care of you; you are my everything; hold me close",
    "nostalgia": "those were the days; do you remember when; I wish we could go back; "
    "back in my day; time flies; it takes me back",
    "power": "we will never surrender; charge; follow me to victory; nothing can stop us; "
    "stand up and fight; we are the champions",
    "tension": "something is not right here; don't make a sound; any second now; "
    "time is running out; we are being watched; hurry, there is no time",
}

#: Music that carries the feeling.
MUSIC: dict[str, str] = {
    "calm": "ambient music for sleep; soft piano and rain; spa music; slow pads for meditation; "
    "a lullaby; gentle acoustic guitar; lo-fi beats to study to; music to unwind to; "
    "a slow harp by the water; drifting ambient drones",
    "happy": "a feel-good summer hit; ukulele and handclaps; a bouncy pop song; a party song; "
    "a carefree holiday montage; music to dance to at a wedding; whistling and a skipping beat; "
    "sunny indie pop; a jig in the village square; children's birthday song",
    "sad": "a funeral march; a slow cello lament; a breakup ballad; "
    "minor key piano for a death scene; rainy day blues; a dirge; a lonely violin; "
    "song about losing someone; mournful strings; a torch song in an empty bar",
    "amazement": "music that gives you chills; a soaring choir over strings; "
    "a magical film score; wonder of discovery theme; spine-tingling crescendo; "
    "vast space soundtrack; shimmering harps and voices; a melody of pure wonder",
    "solemnity": "slow organ in a cathedral; a requiem; monks chanting; a hymn for the dead; "
    "a slow procession with drums; a national anthem played slowly; brass chorale at a memorial; "
    "sacred choral music",
    "tenderness": "a slow love ballad; a serenade under the window; soft piano for a love scene; "
    "a wedding song; a romantic string quartet; lovers' duet; an intimate acoustic love song; "
    "sweet and caring melody",
    "nostalgia": "an old music box; a faded waltz; scratchy vinyl from another time; "
    "a song from my youth; slow dance from the fifties; memories of summer soundtrack; "
    "dreamy guitar with longing; a melody that longs for home",
    "power": "epic trailer music; a triumphant fanfare; heavy drums and brass; a workout anthem; "
    "heavy metal with driving guitars; a battle march; a stadium rock anthem; "
    "hard-hitting hip hop beat; a heroic main theme",
    "tension": "thriller soundtrack; horror film strings; a slowly rising drone; "
    "ticking clock underscore; dissonant stabs and silence; heist sequence music; "
    "chase scene music; dark pulsing synths; suspense before the reveal",
}

#: Two feelings at once or in turn, by the one that is heard in the end.
MIXED: dict[str, str] = {
    "neutral": "tragic news read without any emotion; great news read like a bus timetable; "
    "describing the accident as if filling in a form; "
    "the words are dramatic but the voice is flat; an insult delivered as plain information",
    "calm": "staying relaxed while everyone else panics; a soft voice in the middle of the storm; "
    "the others shout but she stays cool and gentle; nervous at first, now completely at ease; "
    "the fear has passed and he can breathe again; a scary story told in a soothing bedtime voice",
    "happy": "crying tears of joy; so happy she could cry; laughing until it hurts; "
    "screaming with delight on the roller coaster; tired but glowing with joy; "
    "at first worried, now overjoyed; mock outrage, really just joking; shouting, but with joy; "
    "trembling with excitement; weeping with happiness at the wedding; teasing him with a grin",
    "sad": "smiling through tears; a brave face over deep sorrow; "
    "cheerful words in a voice close to crying; laughing, but the grief shows through; "
    "pretending to be fine after the loss; quiet now, after all the shouting, and in tears; "
    "a joke told with tears in his eyes; his anger melts into weeping; "
    "happy for them but so lonely himself; a forced smile and a lump in the throat",
    "angry": "a polite voice with rage underneath; smiling while threatening; laughing with fury; "
    "tears of rage; a whisper full of hate; quiet but about to explode; "
    "sarcastic thanks from someone furious; hurt that has turned into hatred; "
    "a soft voice and a deadly threat; calling her darling through gritted teeth; "
    "no more tears, only fury",
    "fearful": "laughing nervously; pretending to be brave with a trembling voice; "
    "a nervous giggle in the dark; trying to stay calm while terrified; a smile that hides panic; "
    "whistling in the dark to keep the fear away; shouting because he is scared; "
    "saying I am fine with a shaking voice; acting tough but shaking; crying with fright; "
    "polite words in a panicked voice",
    "disgust": "laughing at how gross it is; politely swallowing something revolting; "
    "a smile that drips with contempt; fascinated and yet about to be sick; "
    "pretending to like the foul soup; a sugary voice full of scorn; "
    "angry at first, now only sickened",
    "surprised": "laughing in disbelief; so shocked he forgets to be angry; "
    "happy tears of astonishment; speechless at the good news; "
    "pretending to have known, but clearly stunned; half a laugh, half a gasp; "
    "a yawn cut off by the startling news",
    "bored": "fake enthusiasm from someone who could not care less; "
    "a cheerful script read with no interest at all; pretending to listen; "
    "saying wow in a dull voice; applauding lazily",
    "pain": "laughing through the pain; joking while clutching the wound; "
    "telling everyone he is fine with a broken rib; smiling with clenched teeth from the pain",
    "weary": "too exhausted to be angry; glad it is over but dead tired; an exhausted smile; "
    "laughing weakly after a sleepless night; cheering with the last of their strength",
    "breathless": "laughing and gasping after the race; cheering, but out of air; "
    "delighted and completely winded; trying to sound normal after running",
}
