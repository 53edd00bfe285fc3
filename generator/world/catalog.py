"""What the world can draw, by the words people use for it in English and French."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from generator.world.canvas import Pen
from generator.world.colours import NAMED, Colour, rgb
from generator.world.pose import Look, Pose
from generator.world.things import animals, nature, people, toys, vehicles

Draw = Callable[[Pen, Look, Pose], None]
Role = Literal["lead", "scenery", "sky"]


@dataclass(frozen=True)
class Thing:
    """``height`` in frame heights, ``width`` as a share of it; ``action`` is what it does unless told; ``voice`` how it sounds."""

    name: str
    draw: Draw
    words: str
    height: float
    width: float
    colour: Colour
    second: Colour
    action: str
    role: Role = "lead"
    voice: str = ""
    home: str = ""
    family: Literal["walker", "flyer", "swimmer", "vehicle", "boat", "round", "light", "plant", "other"] = "other"


def _n(name: str) -> Colour:
    return NAMED[name]


_ROWS: tuple[Thing, ...] = (
    Thing("ball", toys.ball, "ball|beach ball|football|soccer ball|basketball|ballon|balle|ballon de plage", 0.25, 1.0, _n("red"), _n("white"), "bounce", voice="thud", family="round"),
    Thing("balloon", toys.balloon, "balloon|ballon de baudruche|baudruche", 0.52, 0.5, _n("red"), _n("white"), "drift", family="light"),
    Thing("hot_air_balloon", toys.hot_air_balloon, "hot air balloon|montgolfiere|airship|zeppelin", 0.62, 0.75, _n("red"), _n("yellow"), "drift", voice="whoosh", family="light"),
    Thing("kite", toys.kite, "kite|cerf volant", 0.42, 0.6, _n("red"), _n("yellow"), "drift", family="light"),
    Thing("cake", toys.cake, "cake|birthday cake|gateau|tarte|pie", 0.42, 1.0, _n("pink"), _n("blue"), "idle", voice="chime", home="kitchen"),
    Thing("apple", toys.apple, "apple|pomme|fruit|peach|peche|cherry|cerise", 0.22, 0.9, _n("red"), _n("green"), "bounce", voice="thud", family="round"),
    Thing("umbrella", toys.umbrella, "umbrella|parasol|parapluie", 0.45, 1.0, _n("red"), _n("white"), "sway", role="scenery"),
    Thing("gift", toys.gift, "gift|present box|gift box|cadeau|box|boite|package|paquet", 0.26, 0.95, _n("pink"), _n("yellow"), "jump", voice="thud"),
    Thing("book", toys.book, "book|livre|notebook|newspaper|journal", 0.3, 1.4, _n("blue"), _n("white"), "drift", family="light"),
    Thing("star", toys.gem, "star|etoile|gem|jewel|bijou|diamond|diamant|crystal|cristal|treasure|tresor", 0.24, 1.0, _n("yellow"), _n("white"), "spin", voice="chime", family="light"),
    Thing("guitar", toys.guitar, "guitar|guitare|violin|violon|ukulele", 0.5, 0.6, _n("orange"), _n("brown"), "dance", voice="pluck"),
    Thing("cat", animals.cat, "cat|kitten|kitty|chat|chatte|chaton", 0.46, 1.0, _n("orange"), _n("white"), "walk", voice="meow", family="walker"),
    Thing("dog", animals.dog, "dog|puppy|chien|chienne|chiot|toutou|wolf|loup", 0.46, 1.0, _n("brown"), _n("red"), "run", voice="bark", family="walker"),
    Thing("fox", animals.fox, "fox|renard|squirrel|ecureuil", 0.44, 1.1, _n("orange"), _n("white"), "run", voice="bark", family="walker"),
    Thing("rabbit", animals.rabbit, "rabbit|bunny|hare|lapin|lapine|lievre|mouse|souris", 0.44, 0.6, rgb("#CFC4BC"), _n("pink"), "jump", voice="step", family="walker"),
    Thing("bear", animals.bear, "bear|teddy|teddy bear|panda|ours|ourson|nounours|monkey|singe|lion|tiger|tigre|elephant|cow|vache|horse|cheval|pony|sheep|mouton|pig|cochon", 0.52, 0.6, rgb("#A9713F"), _n("white"), "walk", voice="growl", family="walker"),
    Thing("bird", animals.bird, "bird|parrot|eagle|seagull|gull|sparrow|pigeon|dove|duck|swan|oiseau|perroquet|aigle|mouette|moineau|colombe|canard|cygne|poule|chicken|hen|bat", 0.24, 1.3, _n("blue"), _n("yellow"), "fly", voice="chirp", family="flyer"),
    Thing("fish", animals.fish, "fish|goldfish|shark|clownfish|poisson|requin", 0.26, 1.1, _n("orange"), _n("white"), "swim", voice="bubble", home="underwater", family="swimmer"),
    Thing("butterfly", animals.butterfly, "butterfly|papillon|bee|abeille|dragonfly|libellule|moth", 0.2, 1.1, _n("purple"), _n("orange"), "flutter", voice="", home="field", family="flyer"),
    Thing("penguin", animals.penguin, "penguin|pingouin|manchot", 0.46, 0.65, _n("black"), _n("red"), "walk", voice="step", family="walker"),
    Thing("whale", animals.whale, "whale|dolphin|baleine|dauphin|orca|orque", 0.38, 1.5, rgb("#4C7FB8"), _n("white"), "swim", voice="whale", home="underwater", family="swimmer"),
    Thing("dinosaur", animals.dinosaur, "dinosaur|t rex|trex|dragon|dinosaure|crocodile|lizard|lezard", 0.56, 1.1, _n("green"), _n("orange"), "walk", voice="growl", family="walker"),
    Thing("turtle", animals.turtle, "turtle|tortoise|tortue", 0.32, 1.4, rgb("#5E8F4A"), _n("brown"), "walk", voice="", family="walker"),
    Thing("car", vehicles.car, "car|taxi|voiture|auto|automobile|truck|camion|van|sports car", 0.36, 1.9, _n("red"), _n("white"), "drive", voice="engine", home="city", family="vehicle"),
    Thing("bus", vehicles.bus, "bus|autobus|autocar|coach", 0.46, 2.0, _n("yellow"), _n("red"), "drive", voice="engine", home="city", family="vehicle"),
    Thing("train", vehicles.train, "train|locomotive|steam train|tram", 0.46, 2.0, _n("red"), _n("green"), "drive", voice="steam", home="field", family="vehicle"),
    Thing("bicycle", vehicles.bicycle, "bicycle|bike|velo|bicyclette|motorbike|motorcycle|moto|scooter", 0.36, 1.4, _n("blue"), _n("white"), "drive", voice="bell", home="field", family="vehicle"),
    Thing("boat", vehicles.boat, "boat|sailboat|sailing boat|ship|yacht|canoe|bateau|voilier|navire|barque", 0.46, 1.35, _n("red"), _n("blue"), "sail", voice="splash", home="lake", family="boat"),
    Thing("rocket", vehicles.rocket, "rocket|spaceship|space ship|spacecraft|rocket ship|fusee|vaisseau|vaisseau spatial|ufo", 0.5, 0.6, _n("red"), _n("orange"), "launch", voice="rocket", home="space", family="flyer"),
    Thing("plane", vehicles.plane, "airplane|aeroplane|plane|jet|avion|helicopter|helicoptere|drone", 0.3, 1.9, _n("blue"), _n("orange"), "fly", voice="engine", home="mountains", family="flyer"),
    Thing("tree", nature.tree, "tree|oak|arbre|chene|apple tree", 0.56, 0.6, rgb("#5E9F4C"), _n("green"), "sway", role="scenery", family="plant"),
    Thing("pine", nature.pine, "pine|pine tree|fir|christmas tree|sapin|pin", 0.6, 0.6, rgb("#2F7254"), _n("green"), "sway", role="scenery", family="plant"),
    Thing("palm", nature.palm, "palm|palm tree|palmier|cocotier", 0.66, 0.8, rgb("#4F9A50"), _n("green"), "sway", role="scenery", family="plant"),
    Thing("flower", nature.flower, "flower|tulip|daisy|sunflower|fleur|tulipe|marguerite|tournesol|plant|plante", 0.36, 0.4, _n("pink"), _n("yellow"), "sway", role="scenery", family="plant"),
    Thing("mushroom", nature.mushroom, "mushroom|toadstool|champignon", 0.26, 1.0, _n("red"), _n("white"), "sway", role="scenery", family="plant"),
    Thing("cactus", nature.cactus, "cactus|cacti|cactuses", 0.46, 0.6, rgb("#4E9A63"), _n("green"), "sway", role="scenery", home="desert", family="plant"),
    Thing("house", nature.house, "house|cottage|home|barn|cabin|hut|maison|chalet|cabane|grange|building|batiment|shop", 0.5, 1.0, rgb("#F4E3C3"), rgb("#B5483A"), "still", role="scenery"),
    Thing("castle", nature.castle, "castle|palace|tower|fort|chateau|palais|tour|forteresse|church|eglise|lighthouse|phare", 0.58, 1.1, rgb("#D8CFC6"), _n("blue"), "still", role="scenery"),
    Thing("lamp", nature.lamp, "lamp|street lamp|lantern|lamppost|lampadaire|lanterne|reverbere", 0.5, 0.3, _n("yellow"), _n("black"), "still", role="scenery"),
    Thing("snowman", nature.snowman, "snowman|snowmen|bonhomme de neige", 0.5, 0.7, _n("white"), _n("red"), "wave", voice="chime"),
    Thing("sun", nature.sun, "sun|soleil", 0.24, 1.0, _n("yellow"), _n("orange"), "still", role="sky"),
    Thing("moon", nature.moon, "moon|lune", 0.2, 1.0, rgb("#F6EFD2"), _n("white"), "still", role="sky"),
    Thing("cloud", nature.cloud, "cloud|nuage", 0.17, 1.9, _n("white"), _n("white"), "drift", role="sky"),
    Thing("person", people.person, "person|man|woman|boy|girl|child|children|kid|people|men|women|personne|homme|femme|garcon|fille|enfant|gens|dancer|danseur|danseuse|chef|farmer|king|queen|prince|princess|pirate|knight|wizard|astronaut|roi|reine|princesse|chevalier|magicien|astronaute|baby|bebe|teacher|doctor|singer|clown|friend|ami|amie", 0.6, 0.45, _n("teal"), _n("yellow"), "idle", voice="step", family="walker"),
    Thing("robot", people.robot, "robot|android|droid|machine", 0.56, 0.55, rgb("#7FA3C8"), _n("orange"), "walk", voice="beep", family="walker"),
    Thing("ghost", people.ghost, "ghost|fantome|spirit|monster|monstre|alien|extraterrestre|creature", 0.46, 0.65, _n("white"), _n("purple"), "drift", voice="whoosh", family="light"),
)  # fmt: skip

THINGS: dict[str, Thing] = {row.name: row for row in _ROWS}

PLACES: dict[str, str] = {
    "beach": "beach|plage|seaside|shore|seashore|coast|cote|bord de mer|sand|sable|tropical island|island|ile",
    "lake": "lake|lac|sea|mer|ocean|river|riviere|fleuve|pond|etang|harbour|harbor|port|water|eau|pool|piscine",
    "underwater": "underwater|under water|under the sea|under the ocean|sous l eau|sous la mer|sous l ocean|sous marin|seabed|"
    "bottom of the sea|fond de la mer|fond de l ocean|aquarium|coral reef|reef|recif|in the ocean|deep sea",
    "field": "field|meadow|garden|park|farm|hill|hillside|countryside|grass|lawn|pre|prairie|champ|jardin|parc|ferme|colline|"
    "campagne|herbe|pelouse|playground|flower field|champ de fleurs",
    "forest": "forest|wood|woods|woodland|jungle|foret|bois",
    "mountains": "mountain|mountains|mountaintop|alps|montagne|montagnes|alpes|peak|sommet|valley|vallee|glacier|volcano|cliff",
    "desert": "desert|dune|dunes|sahara|savannah|savane|canyon",
    "city": "city|street|town|road|downtown|ville|rue|route|village|sidewalk|trottoir|avenue|highway|autoroute|boulevard|market|"
    "marche couvert|city street|square|plaza|crosswalk|skyline|traffic",
    "space": "space|outer space|espace|galaxy|galaxie|cosmos|orbit|orbite|on the moon|sur la lune|planet|planete|mars|universe|univers",
    "room": "room|living room|bedroom|chambre|salon|indoors|interieur|office|bureau|library|bibliotheque|classroom|salle|inside a house",
    "kitchen": "kitchen|cuisine|restaurant|cafe|bakery|boulangerie|dining room|dinner table",
    "stage": "stage|theatre|theater|concert|circus|cirque|scene de theatre|sur scene|on stage|spotlight|opera|ballroom|podium",
}
TIMES: dict[str, str] = {
    "night": "night|nuit|midnight|minuit|at night|moonlit|moonlight|clair de lune|starry|starry sky|etoilee|etoile|nighttime|nocturne",
    "sunset": "sunset|sunrise|dusk|dawn|twilight|evening|golden hour|coucher de soleil|coucher du soleil|lever de soleil|"
    "lever du soleil|crepuscule|aube|aurore|soir|soiree",
    "day": "day|daytime|daylight|morning|noon|sunny|jour|journee|matin|midi|ensoleille|ensoleillee",
}
WEATHERS: dict[str, str] = {
    "rain": "rain|rainy|raining|rains|storm|stormy|pluie|pleut|pluvieux|orage|drizzle",
    "snow": "snow|snowy|snowing|snows|winter|neige|hiver|enneige|enneigee|blizzard|snowfield|ice|glace",
    "clear": "clear sky|ciel clair|ciel bleu|blue sky",
}
CAMERAS: dict[str, str] = {
    "pan_right": "pan|pans|panning|pan right|pans right|panoramique|tracking shot|travelling|dolly|vers la droite",
    "pan_left": "pan left|pans left|vers la gauche",
    "zoom_in": "zoom|zooms|zooming|zoom in|zooms in|zooming in|zoom avant|close up|closeup|gros plan|push in|camera approaches",
    "zoom_out": "zoom out|zooms out|zooming out|zoom arriere|pull back|pulls back|wide shot|plan large",
    "static": "static|static shot|fixed camera|still camera|plan fixe|camera fixe|tripod",
}
COLOURS: dict[str, str] = {
    "red": "red|rouge|crimson|scarlet|ecarlate",
    "orange": "orange|orangee",
    "yellow": "yellow|jaune",
    "green": "green|vert|verte|lime|emerald|emeraude",
    "teal": "teal|turquoise|cyan|aqua",
    "blue": "blue|bleu|bleue|navy|azure|azur",
    "purple": "purple|violet|violette|mauve|lilac|lilas|indigo",
    "pink": "pink|magenta",
    "brown": "brown|marron|brun|brune|tan",
    "black": "black|noir|noire",
    "white": "white|blanc|blanche|ivory",
    "grey": "grey|gray|gris|grise",
    "gold": "gold|golden|dore|doree",
    "silver": "silver|argente|argentee|metallic",
}
SIZES: dict[str, str] = {
    "1.4": "big|large|huge|giant|gigantic|enormous|grand|grande|gros|grosse|enorme|geant|geante|tall|massive",
    "0.62": "small|tiny|little|mini|petit|petite|minuscule",
}
COUNTS: dict[str, str] = {
    "1": "a|an|one|un|une|1|single",
    "2": "two|deux|2|couple of|pair of|both",
    "3": "three|trois|3|several|some|plusieurs|quelques|few",
    "4": "four|quatre|4",
    "5": "five|cinq|5",
    "6": "six|6|many|beaucoup de|flock of|swarm of|crowd of|lots of|nuee de",
    "7": "seven|sept|7",
    "8": "eight|huit|8",
    "9": "nine|neuf|9",
    "10": "ten|dix|10|dozens of|hundreds of",
}
ACTIONS: dict[str, str] = {
    "bounce": r"bounc(e|es|ing|ed|y)|rebondi\w*",
    "roll": r"roll(s|ing|ed)?|roul(e|es|ent|ant|er)",
    "fly": r"fl(y|ies|ying|ew)|soar\w*|glid(e|es|ing)|vol(e|es|ent|ant|er)|vole",
    "fall": r"fall(s|ing)?|fell|drop(s|ping|ped)?|tumbl\w+|tomb(e|es|ent|ant|er)|chut\w+",
    "swim": r"swim(s|ming)?|swam|nag(e|es|ent|eant|er)|plong\w+|diving|dives",
    "jump": r"jump(s|ing|ed)?|leap(s|ing|ed)?|hop(s|ping|ped)?|saut(e|es|ent|ant|er)|sautill\w+|bondi\w*|skip(s|ping)?",
    "spin": r"spin(s|ning)?|twirl\w*|rotat\w+|whirl\w*|turns|turning|tourn(e|ent|ant|er|oie|oient)|tournoy\w+|pirouett\w+",
    "walk": r"walk(s|ing|ed)?|stroll\w*|wander\w*|march(e|es|ent|ant|er|ing)|promen\w+|patrol\w*|explor\w+",
    "run": r"run(s|ning)?|ran|rac(es|ing)|chas(e|es|ing)|gallop\w*|cour(t|ent|ant|ir)|rush\w*",
    "dance": r"danc(e|es|ing|ed)|dans(e|es|ent|ant|er)|sing(s|ing)?|chant(e|ent|ant|er)|parties|partying|celebrat\w+",
    "wave": r"wav(e|es|ing|ed)|salu(e|ent|ant|er)|greet\w*|smil(es|ing|e)|souri\w*|hello|bonjour|speak\w*|talk\w*|parle\w*",
    "drift": r"drift\w*|float\w*|hover\w*|flott\w+|deriv\w+|planent|planant",
    "drive": r"driv(e|es|ing)|condui\w+|parked|rides?|riding|speeds|speeding",
    "launch": r"launch\w*|blast\w*|liftoff|lifts|takes? off|decoll\w+|envol\w+|takeoff",
    "sail": r"sail(s|ing|ed)|navigu\w+|vogu\w+|row(s|ing)",
    "idle": r"stand(s|ing)?|sit(s|ting)?|sleep(s|ing)?|dort|dorment|wait(s|ing)?|assise?s?|debout|rest(s|ing)|watch(es|ing)?|looks?|looking|reads?|reading|eat(s|ing)?|mange\w*",
}
