"""What can be odd about a text in PEM: by the name of the oddity, the text that a good one becomes."""


def lines(change):
    """A change of the lines, without their ends."""
    return lambda text, rng, other: b"\n".join(change(text.split(b"\n"), rng))


def plain(change):
    return lambda text, rng, other: change(text)


def within(line):
    """A change of one line of base64."""
    def change(all_lines, rng):
        index = rng.randrange(1, len(all_lines) - 3)
        return [*all_lines[:index], *line(all_lines[index]), *all_lines[index + 1:]]
    return lines(change)


def without_end(text):
    return text[:text.index(b"-----END")]


def label(old, new):
    return plain(lambda text: text.replace(old, new))


def relabelled(name):
    def change(text):
        old = text.split(b"-----")[1].removeprefix(b"BEGIN ")
        return text.replace(old, name)
    return plain(change)


TEXTS = {
    "a byte order mark": plain(lambda text: b"\xef\xbb\xbf" + text), "CRLF": label(b"\n", b"\r\n"), "CR CR LF": label(b"\n", b"\r\r\n"),
    "CR": label(b"\n", b"\r"), "no newline at the end": plain(bytes.rstrip), "blank lines": label(b"\n", b"\n\n"),
    "a blank line in front": plain(lambda text: b"\n" + text), "blanks in front": lines(lambda all_lines, _: [b"  " + one for one in all_lines]),
    "blanks at the ends": lines(lambda all_lines, _: [one + b"  " for one in all_lines]), "tabs at the ends": label(b"\n", b"\t\n"),
    "a header": lines(lambda all_lines, _: [all_lines[0], b"a: b", b"", *all_lines[1:]]),
    "a header without a blank line": lines(lambda all_lines, _: [all_lines[0], b"a: b", *all_lines[1:]]),
    "Proc-Type": lines(lambda all_lines, _: [all_lines[0], b"Proc-Type: 4,ENCRYPTED", b"DEK-Info: AES-128-CBC,00", b"", *all_lines[1:]]),
    "one long line": lines(lambda all_lines, _: [all_lines[0], b"".join(all_lines[1:-2]), *all_lines[-2:]]),
    "one line in all": label(b"\n", b" "), "text before": plain(lambda text: b"subject=CN = x\n" + text),
    "text before on the line": plain(lambda text: b"x " + text), "text after": plain(lambda text: text + b"text\n"),
    "text after on the line": plain(lambda text: text.rstrip() + b" x\n"), "a hyphen in base64": within(lambda line: [line[:9] + b"-" + line[9:]]),
    "a hyphen at a line's begin": within(lambda line: [b"-" + line]), "an asterisk in base64": within(lambda line: [line[:9] + b"*" + line[9:]]),
    "base64 of URLs": within(lambda line: [line[:5] + b"_" + line[6:]]), "an equals sign in the middle": within(lambda line: [line[:8] + b"=" + line[8:]]),
    "a line missing": within(lambda line: []), "a line twice": within(lambda line: [line, line]), "a line cut": within(lambda line: [line[:-1]]),
    "a blank line in base64": within(lambda line: [line, b""]), "a comment in base64": within(lambda line: [line, b"# x"]),
    "NUL in base64": within(lambda line: [line[:9] + b"\0" + line[9:]]), "NUL at the end": plain(lambda text: text + b"\0"),
    "no END": plain(without_end), "no END, and a good block": lambda text, rng, other: without_end(text) + other,
    "a torn block, and the good one": lambda text, rng, other: without_end(other) + text,
    "no BEGIN": plain(lambda text: text[text.index(b"\n") + 1:]), "four hyphens": label(b"-----BEGIN", b"----BEGIN"), "six hyphens": label(b"-----", b"------"),
    "four hyphens at the end": plain(lambda text: text.rstrip()[:-1] + b"\n"), "small letters": label(b"BEGIN", b"begin"),
    "another END": plain(lambda text: text.replace(b"-----END ", b"-----END X")), "an unknown label": relabelled(b"X"),
    "the label TRUSTED CERTIFICATE": relabelled(b"TRUSTED CERTIFICATE"), "the label X509 CERTIFICATE": relabelled(b"X509 CERTIFICATE"),
    "the label PRIVATE KEY": relabelled(b"PRIVATE KEY"), "the label RSA PRIVATE KEY": relabelled(b"RSA PRIVATE KEY"),
    "the label EC PRIVATE KEY": relabelled(b"EC PRIVATE KEY"), "the label PUBLIC KEY": relabelled(b"PUBLIC KEY"), "two blanks": label(b"BEGIN ", b"BEGIN  "),
    "nothing": plain(lambda text: b""), "a newline": plain(lambda text: b"\n"), "UTF-16": plain(lambda text: text.decode().encode("utf-16")),
    "half of it": plain(lambda text: text[:len(text) // 2]), "twice": plain(lambda text: text + text), "twice on a line": plain(lambda text: text.rstrip() + text),
    "a certificate after": lambda text, rng, other: text + other, "a certificate before": lambda text, rng, other: other + text,
    "a certificate before on a line": lambda text, rng, other: other.rstrip() + text,
    "parameters before": plain(lambda text: b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + text),
    "a block of nothing before": plain(lambda text: b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" + text),
    "a block of nothing after": plain(lambda text: text + b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
    "an unknown block before": plain(lambda text: b"-----BEGIN X-----\nAAAA\n-----END X-----\n" + text),
    "an unknown block after": plain(lambda text: text + b"-----BEGIN X-----\nAAAA\n-----END X-----\n"),
    "a malformed certificate after": plain(lambda text: text + b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"),
    "a malformed certificate before": plain(lambda text: b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n" + text),
}


def changed_byte(text, rng, _):
    """One to three bytes that are others, missing or added."""
    text = bytearray(text)
    for _ in range(rng.randint(1, 3)):
        index = rng.randrange(len(text))
        match rng.randrange(3):
            case 0: text[index] = rng.choice([*b"\n\r \t-=:+/Aa0\0\xef", rng.randrange(256)])
            case 1: del text[index]
            case _: text.insert(index, rng.choice(b"\n\r \t-=:+/Aa0\0"))
    return bytes(text)
