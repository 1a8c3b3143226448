"""How things show themselves at a prompt and in a notebook: what they are and what they hold, in three lines."""

from html import escape

from cfwlib.errors import printable

_WIDTH = 98  # characters of a line


class Shown:
    """Something that shows itself as its class and the lines of `_says`, at most three, each cut to one line."""

    def _says(self) -> tuple[str, ...]:
        raise NotImplementedError

    def __repr__(self) -> str:
        first, *more = self._says()
        lines = (printable(line) for line in (f"{type(self).__name__}: {first}", *more))
        return "\n".join(line if len(line) <= _WIDTH else f"{line[: _WIDTH - 4]} ..." for line in lines)

    def _repr_html_(self) -> str:
        name, _, told = repr(self).partition(":")
        return f"<p><strong>{escape(name)}</strong>:{escape(told).replace(chr(10), '<br>')}</p>"
