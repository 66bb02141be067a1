"""What can be odd about the certificates between a leaf and what is trusted, and beside them, by the name of the oddity.

The kinds are those of x509-limbo (path building, path lengths, name constraints, usages, times, pathological graphs) and
of BetterTLS (many paths of which some are bad).
"""

import datetime

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

import oddities
from der import Certificate, common_name, der, integer, seq, text

DAY = datetime.timedelta(days=1)
BASIC, KEY_USAGE, USAGES, CONSTRAINTS = "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.30"


def fresh():
    return ec.generate_private_key(ec.SECP256R1())


def ca_named(scene, name, key, issuer=None, signer=None, change=None):
    """A CA of this name, below another or, without one, one that signs itself."""
    made = Certificate(scene.ca.signed(), signer or key)
    made.subject = common_name(name)
    made.issuer = issuer or made.subject
    made.serial = integer(scene.rng.getrandbits(100))
    made.public(key)
    made.drop("2.5.29.14")
    if change:
        change(made, scene.instant)
    return made


def below(depth=1, change=None, at=0):
    """A leaf below `depth` intermediates, one of which is changed; the first is the leaf's issuer."""
    def make(scene):
        issuer, signer = scene.ca.subject, scene.ca_key
        scene.following = []
        for index in reversed(range(depth)):
            key = fresh()
            scene.middle = ca_named(scene, f"middle {index}", key, issuer, signer, change if index == at else None)
            scene.following.insert(0, scene.middle.signed())
            issuer, signer, scene.key = scene.middle.subject, key, key
        scene.leaf.issuer, scene.leaf.signer = issuer, signer
        scene.leaf.drop("2.5.29.35")
    return make


def arranged(depth, arrange):
    """A leaf below intermediates whose order is another."""
    def make(scene):
        below(depth)(scene)
        scene.following = arrange(scene.following, scene)
    return make


def keyed(make_key):
    """An intermediate that has a key of another kind."""
    def make(scene):
        below()(scene)
        key = make_key()
        scene.middle.public(key)
        scene.following, scene.leaf.signer = [scene.middle.signed()], key
        scene.leaf.algorithm = None
    return make


def twice(first, second):
    """Two certificates of the same intermediate, each changed."""
    def make(scene):
        below()(scene)
        scene.following = []
        for change in (first, second):
            one = ca_named(scene, "middle 0", scene.key, scene.ca.subject, scene.ca_key, change)
            scene.following.append(one.signed())
    return make


def unknown(scene):
    """A CA that nothing trusts, and that signs the intermediate, too."""
    key = fresh()
    below()(scene)
    cross = ca_named(scene, "middle 0", scene.key, common_name("unknown"), key)
    scene.following = [cross.signed(), ca_named(scene, "unknown", key).signed(), *scene.following]


def circle(scene):
    """Two intermediates that have signed each other, one of which the CA has signed."""
    below(2)(scene)
    [low, high] = scene.following
    upper = Certificate(high, scene.ca_key)
    back = ca_named(scene, "middle 1", fresh(), common_name("middle 0"), scene.key)
    back.key = upper.key
    scene.following = [low, back.signed(), high]


def namesakes(count):
    def make(scene):
        below()(scene)
        others = [ca_named(scene, "middle 0", fresh()).signed() for _ in range(count)]
        scene.following = others + scene.following
    return make


def self_issued(scene):
    """The CA has certified another key of its own."""
    key = fresh()
    scene.middle = ca_named(scene, "x", key, scene.ca.subject, scene.ca_key)
    scene.middle.subject = scene.ca.subject
    scene.following, scene.leaf.signer = [scene.middle.signed()], key
    scene.leaf.drop("2.5.29.35")


def limited(length, depth):
    def make(scene):
        scene.ca.set(BASIC, seq(der(1, b"\xff"), integer(length)), True)
        below(depth)(scene)
    return make


def both(change, other):
    """A change of the CA besides the chain."""
    def make(scene):
        change(scene.ca, scene.instant)
        other(scene)
    return make


def expired(certificate, instant):
    oddities.TIMES["expired by an hour"](certificate, instant)


def unnamed(scene):
    """The intermediate has no name."""
    below()(scene)
    scene.middle.subject = scene.leaf.issuer = seq()
    scene.following = [scene.middle.signed()]


# What makes one of several paths bad, as in BetterTLS.
FLAWS = [None, expired, oddities.USAGES["CA:FALSE"], oddities.USAGES["no constraints"], oddities.USAGES["the usage code"],
         oddities.CONSTRAINTS["permitted names 820b6578616d706c652e636f6d"], oddities.FIELDS["SHA-1"], oddities.USAGES["key usage of nothing"]]


def maze(depth):
    """Each of `depth` intermediates has two or three certificates: of one above it, of the CA or of an unknown CA, most with a flaw."""
    def make(scene):
        rng, keys, unknown_key = scene.rng, [fresh() for _ in range(depth)], fresh()
        scene.following = []
        for index, key in enumerate(keys):
            for _ in range(rng.randint(2, 3)):
                above = [(common_name(f"middle {n}"), keys[n]) for n in range(index + 1, depth)]
                issuer, signer = rng.choice([*above, (scene.ca.subject, scene.ca_key), (common_name("unknown"), unknown_key)])
                scene.following.append(ca_named(scene, f"middle {index}", key, issuer, signer, rng.choice(FLAWS)).signed())
        rng.shuffle(scene.following)
        scene.leaf.issuer, scene.leaf.signer = common_name("middle 0"), keys[0]
        scene.leaf.drop("2.5.29.35")
    return make


def many_names(count, change):
    """A CA with many constraints, and a leaf with many names: Go compares a limited number."""
    def make(scene):
        trees = [seq(text(0x82, f"n{n}.example.com")) for n in range(count)]
        scene.ca.set(CONSTRAINTS, seq(der(0xA1, *trees)), True)
        oddities.named(*(text(0x82, f"m{n}.example.org") for n in range(count)))(scene.leaf, scene.instant)
        change(scene)
    return make


CHAINS = {
    "one intermediate": below(), "two intermediates": below(2), "five intermediates": below(5),
    "in reverse": arranged(3, lambda all_, _: all_[::-1]), "repeated": arranged(2, lambda all_, _: all_ + all_),
    "the root too": arranged(1, lambda all_, scene: [*all_, scene.ca.signed()]), "the root first": arranged(1, lambda all_, scene: [scene.ca.signed(), *all_]),
    "another CA first": arranged(1, lambda all_, scene: [scene.other, *all_]), "another CA last": arranged(1, lambda all_, scene: [*all_, scene.other]),
    "one missing": arranged(3, lambda all_, _: [all_[0], all_[2]]), "the first missing": arranged(2, lambda all_, _: all_[1:]),
    "the last missing": arranged(2, lambda all_, _: all_[:1]), "all missing": arranged(1, lambda all_, _: []),
    "the leaf again": arranged(1, lambda all_, scene: [scene.leaf.signed(), *all_]), "no intermediate needed": lambda scene: scene.following.append(scene.other),
    "a malformed one last": arranged(1, lambda all_, _: [*all_, seq(integer(1))]), "a malformed one first": arranged(1, lambda all_, _: [seq(integer(1)), *all_]),
    "an RSA intermediate": keyed(lambda: rsa.generate_private_key(65537, 2048)), "an RSA intermediate of 1024 bits": keyed(lambda: rsa.generate_private_key(65537, 1024)),
    "an intermediate of Ed25519": keyed(ed25519.Ed25519PrivateKey.generate), "an intermediate of P-224": keyed(lambda: ec.generate_private_key(ec.SECP224R1())),
    "an intermediate of P-521": keyed(lambda: ec.generate_private_key(ec.SECP521R1())), "an intermediate of secp256k1": keyed(lambda: ec.generate_private_key(ec.SECP256K1())),
    "twice, one expired": twice(expired, None), "twice, one expired, reversed": twice(None, expired), "twice, both expired": twice(expired, expired),
    "twice, one for servers, one for clients": twice(oddities.USAGES["the usage server"], oddities.USAGES["the usage client"]),
    "twice, one that may sign no names": twice(oddities.CONSTRAINTS["permitted names 820b6578616d706c652e636f6d"], None),
    "twice, neither may sign names": twice(*[oddities.CONSTRAINTS["permitted names 820b6578616d706c652e636f6d"]] * 2),
    "twice, one none of a CA": twice(oddities.USAGES["CA:FALSE"], None), "signed by an unknown CA too": unknown, "a circle": circle,
    "namesakes of the intermediate, 30": namesakes(30), "namesakes of the intermediate, 110": namesakes(110), "the CA's own other key": self_issued,
    "the CA allows none below": limited(0, 1), "the CA allows one below": limited(1, 1), "the CA allows one below, and there are two": limited(1, 2),
    "a name of nothing": unnamed, "the CA signs with SHA-1": both(oddities.FIELDS["SHA-1"], below()),
    "the CA is for clients": both(oddities.USAGES["the usage client"], below()), "the CA is for servers": both(oddities.USAGES["the usage server"], below()),
    "the CA permits svc": both(oddities.CONSTRAINTS["permitted names 8203737663"], below()),
    "the CA's own other key, and none allowed below": both(lambda ca, _: ca.set(BASIC, seq(der(1, b"\xff"), integer(0)), True), self_issued),
    "300 constraints and 300 names": many_names(300, below()), "700 constraints and 700 names": many_names(700, below()),
    "an explicit policy is required": below(1, oddities.extension("2.5.29.36", "3003800100", True)),
    "an explicit policy is required by the CA": both(oddities.extension("2.5.29.36", "3003800100", True), below(2)),
} | {
    f"a maze of {depth} intermediates, {number}": maze(depth) for depth in (1, 2, 3, 4) for number in range(10)
} | {
    f"an intermediate with {label}": below(1, change)
    for group in oddities.GROUPS for label, change in group.items()
} | {
    f"the second intermediate with {label}": below(2, change, 1)
    for group in (oddities.USAGES, oddities.CONSTRAINTS, oddities.TIMES) for label, change in group.items()
}


def bundle(arrange):
    """A file of the CA that holds others too; there is no key of the CA then, as nothing can sign with a bundle."""
    def make(scene):
        scene.anchors, scene.is_external = arrange(scene, scene.ca.signed()), True
    return make


def again(scene, change):
    """The CA's certificate, made again."""
    made = Certificate(scene.ca.signed(), scene.ca_key)
    made.serial = integer(scene.rng.getrandbits(100))
    change(made, scene.instant)
    return made.signed()


def namesake(scene):
    key = fresh()
    made = ca_named(scene, "x", key)
    made.subject = made.issuer = scene.ca.subject
    return made.signed()


def other_ca(scene, change=None):
    return ca_named(scene, "other", fresh(), change=change).signed()


def anchored(change=None):
    """The intermediate is trusted, and not what is above it."""
    def make(scene):
        below(1, change)(scene)
        scene.anchors, scene.following, scene.is_external = scene.following, [], True
    return make


BEFORE = oddities.TIMES["valid in an hour"]
OTHERS = {
    "the old one, expired": lambda s: again(s, expired), "the next one, not yet valid": lambda s: again(s, BEFORE),
    "another CA": lambda s: other_ca(s), "another CA, expired": lambda s: other_ca(s, expired), "another CA, not yet valid": lambda s: other_ca(s, BEFORE),
    "a namesake": namesake, "itself": lambda s: s.ca.signed(), "no CA": lambda s: other_ca(s, oddities.USAGES["CA:FALSE"]), "the leaf": lambda s: s.leaf.signed(),
    "one that is malformed": lambda s: seq(integer(1)), "one with an unknown critical extension": lambda s: other_ca(s, oddities.extension("1.2.3.4", "0500", True)),
    "one of SHA-1": lambda s: other_ca(s, oddities.FIELDS["SHA-1"]), "one of a negative serial": lambda s: other_ca(s, oddities.FIELDS["serial negative"]),
    "one for example.com": lambda s: other_ca(s, oddities.CONSTRAINTS["permitted names 820b6578616d706c652e636f6d"]),
    "itself for example.com": lambda s: again(s, oddities.CONSTRAINTS["permitted names 820b6578616d706c652e636f6d"]),
    "itself for clients": lambda s: again(s, oddities.USAGES["the usage client"]), "itself of SHA-1": lambda s: again(s, oddities.FIELDS["SHA-1"]),
    "itself as no CA": lambda s: again(s, oddities.USAGES["CA:FALSE"]), "one with a Netscape type": lambda s: other_ca(s, oddities.EXTENSIONS["extension 2.16.840.1.113730.1.1 03020640 critical"]),
}
BUNDLES = {
    f"{label} {where}": bundle(lambda s, ca, other=other, where=where: [other(s), ca] if where == "first" else [ca, other(s)])
    for label, other in OTHERS.items() for where in ("first", "last")
} | {
    f"{label} alone": bundle(lambda s, ca, other=other: [other(s)]) for label, other in OTHERS.items()
} | {
    "40 others": bundle(lambda s, ca: [other_ca(s) for _ in range(40)] + [ca]), "40 namesakes": bundle(lambda s, ca: [namesake(s) for _ in range(40)] + [ca]),
    "110 namesakes": bundle(lambda s, ca: [namesake(s) for _ in range(110)] + [ca]), "an intermediate alone": anchored(), "nothing": bundle(lambda s, ca: []),
    "an expired intermediate alone": anchored(expired), "an intermediate alone, for clients": anchored(oddities.USAGES["the usage client"]),
    "three namesakes and an old one": bundle(lambda s, ca: [namesake(s), again(s, expired), namesake(s), ca, namesake(s)]),
}
