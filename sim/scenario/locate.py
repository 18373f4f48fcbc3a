"""Line numbers of keys in a TOML text.

The standard library's parser gives no line numbers. This scanner reads a text that the parser has already
accepted, so it only needs to distinguish keys, strings, brackets and comments.
"""

import re
import tomllib

from sim.scenario.problems import KeyPath

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|' + r"'''.*?'{3,5}(?!')|" + r""""(?:[^"\\\n]|\\.)*"|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    r"""Return the line, counted from 1, on which each key and list entry of a TOML text first appears.

    Parameters
    ----------
    text : str
        Valid TOML.

    Returns
    -------
    dict of tuple to int
        By key path; tables that are only implied by longer keys are included.

    Examples
    --------
    >>> key_lines("[a.b]\nc = { d = 1 }")[("a", "b", "c", "d")]
    2
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.line = 1
        self.lines: dict[KeyPath, int] = {}
        self.array_lengths: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        prefix: KeyPath = ()
        self._skip(_BLANK)
        while self.position < len(self.text):
            if self._next() == "[":
                prefix = self._header()
            else:
                self._pair(prefix)
            self._skip(_BLANK)
        return self.lines

    def _header(self) -> KeyPath:
        brackets = 2 if self.text.startswith("[[", self.position) else 1
        self.position += brackets
        keys = self._key()
        path = self._through_arrays(keys)
        self._note(path)
        if brackets == 2:
            count = self.array_lengths.get(path, 0)
            self.array_lengths[path] = count + 1
            path = (*path, count)
            self._note(path)
        self._skip(_SPACE)
        self.position += brackets
        return path

    def _through_arrays(self, keys: KeyPath) -> KeyPath:
        path: KeyPath = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            if number < len(keys) - 1 and path in self.array_lengths:
                path = (*path, self.array_lengths[path] - 1)
        return path

    def _pair(self, prefix: KeyPath) -> None:
        path = prefix + self._key()
        self._note(path)
        self._skip(_SPACE)
        self.position += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> KeyPath:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            parts.append(_unquoted(self._take(_KEY_PART)))
            self._skip(_SPACE)
            if self._next() != ".":
                return tuple(parts)
            self.position += 1

    def _value(self, path: KeyPath) -> None:
        opening = self._next()
        if opening == "{":
            self._inside(path, "}")
        elif opening == "[":
            self._inside(path, "]")
        elif opening in "\"'":
            self._take(_STRING)
        else:
            self._take(_SCALAR)

    def _inside(self, path: KeyPath, closing: str) -> None:
        self.position += 1
        count = 0
        self._skip(_BLANK)
        while self._next() != closing:
            if closing == "}":
                self._pair(path)
            else:
                self._note((*path, count))
                self._value((*path, count))
                count += 1
            self._skip(_BLANK)
            if self._next() == ",":
                self.position += 1
                self._skip(_BLANK)
        self.position += 1

    def _note(self, path: KeyPath) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self.line)

    def _next(self) -> str:
        return self.text[self.position : self.position + 1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position)
        if match is None:
            raise ValueError(f"not valid TOML at line {self.line}")
        self.position = match.end()
        self.line += match[0].count("\n")
        return match[0]


def _unquoted(part: str) -> str:
    if part[0] in "\"'":
        return str(tomllib.loads(f"key = {part}")["key"])
    return part
