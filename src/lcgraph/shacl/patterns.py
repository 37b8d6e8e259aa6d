"""Patterns: XPath regular expressions as ones that a linear engine runs with the same meaning.

Follows XPath and XQuery Functions 3.1, section 5.6.1. What cannot be translated is refused by
name, and never given to an engine that could take for ever.
"""

from __future__ import annotations

import re

from lcgraph.errors import ShapesError

_DIGITS = r"\p{Nd}"
_WORD = r"\p{P}\p{Z}\p{C}"
_SPACE = r" \t\n\r"
_START = r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
_NAME = _START + r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"
#: Multi-character escapes: what stands for them inside a class, and whether it is negated.
_CLASSES = {
    "d": (_DIGITS, False),
    "D": (_DIGITS, True),
    "w": (_WORD, True),
    "W": (_WORD, False),
    "s": (_SPACE, False),
    "S": (_SPACE, True),
    "i": (_START, False),
    "I": (_START, True),
    "c": (_NAME, False),
    "C": (_NAME, True),
}
_PLAIN_ESCAPES = frozenset("nrt\\|.?*+(){}[]^$-")
_QUANTIFIER = re.compile(r"[?*+]|\{\d+(?:,\d*)?\}")
_CATEGORY = re.compile(r"\\([pP])\{([A-Z][a-z]?)\}")


# How deep a class may be nested in what it is subtracted from.
_DEEPEST = 50
# How much of a pattern a message shows.
_SHOWN = 60


def _shown(pattern: str) -> str:
    return repr(pattern if len(pattern) <= _SHOWN else pattern[: _SHOWN - 1] + "…")


def _without_blanks(pattern: str) -> str:
    """A pattern as the flag x reads it: blanks mean nothing outside of classes."""
    out = []
    depth = at = 0
    while at < len(pattern):
        size = 2 if pattern[at] == "\\" else 1
        piece = pattern[at : at + size]
        depth += (piece == "[") - (piece == "]" and depth > 0)
        if depth or piece not in " \t\n\r":
            out.append(piece)
        at += size
    return "".join(out)


class _Translator:
    def __init__(self, text: str, flags: str) -> None:
        self.text = _without_blanks(text) if "x" in flags else text
        self.at = 0
        self.dot = r"(?s:.)" if "s" in flags else r"[^\n\r]"

    def refuse(self, what: str) -> ShapesError:
        return ShapesError(
            f"the pattern {_shown(self.text)} has {what} at character {self.at + 1}, which cannot be "
            "judged in linear time with the meaning that XPath gives it",
            hint="Write it with plain classes, groups, alternatives and quantifiers.",
        )

    def translate(self) -> str:
        out = []
        depth = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "(":
                out.append(self._open())
                depth += 1
                continue
            if character == ")":
                depth -= 1
                if depth < 0:
                    raise self.refuse("a bracket that closes nothing")
                self.at += 1
                out.append(")" + self._quantifier())
            elif character == "[":
                out.append(self._class() + self._quantifier())
            elif character == "\\":
                out.append(self._escape() + self._quantifier())
            elif character in "|^$":
                self.at += 1
                out.append(character)
            elif character == ".":
                self.at += 1
                out.append(self.dot + self._quantifier())
            elif character in "?*+{}]":
                raise self.refuse(f"a {character!r} that stands for nothing")
            else:
                self.at += 1
                out.append(re.escape(character) + self._quantifier())
        if depth:
            raise self.refuse("a bracket that is not closed")
        return "".join(out)

    def _open(self) -> str:
        if self.text.startswith("(?", self.at):
            if not self.text.startswith("(?:", self.at):
                raise self.refuse("a look-around or inline flag")
            self.at += 3
        else:
            self.at += 1
        return "(?:"

    def _quantifier(self) -> str:
        match = _QUANTIFIER.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        text = match[0]
        if self.text.startswith("?", self.at):
            self.at += 1
            text += "?"
        if _QUANTIFIER.match(self.text, self.at):
            raise self.refuse("a quantifier of a quantifier")
        return text

    def _escape(self) -> str:
        category = _CATEGORY.match(self.text, self.at)
        if category:
            self.at = category.end()
            return category[0]
        character = self.text[self.at + 1 : self.at + 2]
        if character in _CLASSES:
            content, negated = _CLASSES[character]
            self.at += 2
            return f"[{'^' if negated else ''}{content}]"
        if character and character in _PLAIN_ESCAPES:
            self.at += 2
            return "\\" + character
        raise self.refuse(f"the escape {self.text[self.at : self.at + 2]!r}")

    def _class(self, depth: int = 0) -> str:
        if depth > _DEEPEST:
            raise self.refuse("classes nested too deep")
        self.at += 1
        out = ["["]
        if self.text.startswith("^", self.at):
            out.append("^")
            self.at += 1
        first = True
        while True:
            if self.at >= len(self.text):
                raise self.refuse("a class that is not closed")
            character = self.text[self.at]
            if character == "]" and not first:
                self.at += 1
                return "".join([*out, "]"])
            if self.text.startswith("-[", self.at) and not first:
                self.at += 1
                out.append("--" + self._class(depth + 1))
                if not self.text.startswith("]", self.at):
                    raise self.refuse("something after a subtracted class")
            elif character == "\\":
                out.append(self._escape())
            elif character in "[]":
                raise self.refuse(f"a {character!r} in a class")
            else:
                self.at += 1
                out.append(character if character == "-" else re.escape(character))
            first = False


def translate(pattern: str, flags: str = "") -> str:
    """The pattern for a linear engine.

    Raises:
        ShapesError: it is no XPath regular expression, or cannot be translated.
    """
    unknown = set(flags) - set("smixq")
    if unknown:
        raise ShapesError(f"{flags!r} has a flag that is none of s, m, i, x, q")
    inline = "".join(sorted(set(flags) & {"i", "m"}))
    prefix = f"(?{inline})" if inline else ""
    if "q" in flags:
        return prefix + re.escape(pattern)
    return prefix + _Translator(pattern, flags).translate()


def check(pattern: str, flags: str) -> None:
    """Refuses a pattern that cannot be judged.

    Raises:
        ShapesError: as `translate`; or the engine refuses what it would need.
    """
    import polars as pl
    from polars.exceptions import ComputeError

    regex = translate(pattern, flags)
    try:
        pl.select(pl.lit("").str.contains(regex))
    except ComputeError as error:
        said = [line for line in str(error).splitlines() if line.startswith("error: ")]
        reason = said[0].removeprefix("error: ") if said else "it asks for too much"
        raise ShapesError(f"the pattern {_shown(pattern)} cannot be judged: {reason}") from None
