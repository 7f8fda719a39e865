"""Emoji as small drawings of our own: a machine that takes pictures need not have a font with colors."""

from __future__ import annotations

_BOX = "<svg class='emoji' viewBox='0 0 20 20' aria-hidden='true'>{}</svg>"


def _dot(color: str, rim: str) -> str:
    return f"<circle cx='10' cy='10' r='7.5' fill='{color}' stroke='{rim}'/>"


_THUMB = "M6 17V9l4-6.5c1.6 0 2.2 1 1.9 2.6L11.4 8H15a1.8 1.8 0 0 1 1.7 2.3l-1.4 5.2A2 2 0 0 1 13.4 17zM2.5 9H5v8H2.5z"
_DRAWN = {
    "mag": "<circle cx='8' cy='8' r='5.2' fill='#d9ecfa' stroke='#3b5b78' stroke-width='2'/>"
    "<path d='m12 12 5 5' stroke='#3b5b78' stroke-width='3' stroke-linecap='round'/>",
    "hourglass_flowing_sand": "<path d='M5 2h10v3l-4 5 4 5v3H5v-3l4-5-4-5z' fill='#f6e3c1' stroke='#9a6b2f' "
    "stroke-width='1.4'/>"
    "<path d='M7 5h6l-3 4zm3 6 3.4 5H6.6z' fill='#d99a3c'/>",
    "raising_hand": "<path d='M7 17v-6L5 6.6c-.5-1.3 1-2 1.7-.8L9 9V3.3c0-1.3 1.8-1.3 1.9 0V8l1-4c.3-1.2 2-.8 "
    "1.8.4L13 9l1.6-2.4"
    "c.8-1 2-.2 1.5 1L13.8 13v4z' fill='#ffcf4a' stroke='#b9861b'/>",
    "white_check_mark": "<rect x='2' y='2' width='16' height='16' rx='3' fill='#2fa35a'/>"
    "<path d='m5.5 10.5 3 3 6-7' fill='none' stroke='#fff' stroke-width='2.4' stroke-linecap='round' stroke-linejoin='round'/>",
    "warning": "<path d='M10 2 19 17.5H1z' fill='#ffcc33' stroke='#c38a00'/>"
    "<path d='M10 7v5' stroke='#333' stroke-width='2' stroke-linecap='round'/><circle cx='10' cy='15' r='1.2' fill='#333'/>",
    "no_entry_sign": "<circle cx='10' cy='10' r='7' fill='#fff' stroke='#d8323c' stroke-width='2.6'/>"
    "<path d='m5 5 10 10' stroke='#d8323c' stroke-width='2.6'/>",
    "lock": "<path d='M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9' fill='none' stroke='#8a8f98' stroke-width='2'/>"
    "<rect x='4' y='9' width='12' height='9' rx='2' fill='#f2b632'/><circle cx='10' cy='13' r='1.5' fill='#7a5510'/>",
    "moneybag": "<path d='M7 3h6l-1.5 3c4 2 6 5.5 5 9.5-.5 2-2 2.5-6.5 2.5s-6-.5-6.5-2.5c-1-4 1-7.5 5-9.5z' fill='#d9a93f'"
    " stroke='#8f6a1d'/>"
    "<path d='M10 9v6m1.8-5c-2-1-4 0-3 1.3s3 .7 3 2-2 1.7-3.6.8' fill='none' stroke='#5d430d'/>",
    "link": "<g fill='none' stroke='#6d7683' stroke-width='2' stroke-linecap='round'><path d='m8 12 4-4M9 5.5l2-2a3.5 3.5 0 0 1"
    " 5 5l-2 2M11 14.5l-2 2a3.5 3.5 0 0 1-5-5l2-2'/></g>",
    "x": "<path d='m4 4 12 12M16 4 4 16' stroke='#d8323c' stroke-width='3.4' stroke-linecap='round'/>",
    "large_green_circle": _dot("#35a853", "#24803d"),
    "large_yellow_circle": _dot("#f7c948", "#c99a16"),
    "large_orange_circle": _dot("#f0883e", "#c2611a"),
    "red_circle": _dot("#dd3c45", "#a9232b"),
    "white_circle": _dot("#eceef0", "#b4b9bf"),
    "eyes": "<g stroke='#555' fill='#fff'><ellipse cx='6' cy='10' rx='4' ry='5.5'/>"
    "<ellipse cx='14' cy='10' rx='4' ry='5.5'/></g>"
    "<circle cx='4.5' cy='11' r='2' fill='#333'/><circle cx='12.5' cy='11' r='2' fill='#333'/>",
    "rotating_light": "<path d='M5 14a5 5.5 0 0 1 10 0z' fill='#e0343f'/>"
    "<rect x='3' y='14' width='14' height='4' rx='1' fill='#8d939c'/>"
    "<path d='M10 2v3M3 5l2 2M17 5l-2 2' stroke='#f08a24' stroke-width='1.6' stroke-linecap='round'/>",
    "small_red_triangle": "<path d='m10 4 7 12H3z' fill='#dd3c45'/>",
    "bulb": "<path d='M6 9a4 4 0 1 1 8 0c0 2-2 3-2 5H8c0-2-2-3-2-5z' fill='#ffd95a' stroke='#b98e14'/>"
    "<rect x='8' y='15' width='4' height='3' rx='1' fill='#8d939c'/>",
    "thumbsup": f"<path d='{_THUMB}' fill='currentColor'/>",
    "thumbsdown": f"<path d='{_THUMB}' fill='currentColor' transform='rotate(180 10 10)'/>",
}  # fmt: skip
_ALIKE = {
    "hourglass": "hourglass_flowing_sand",
    "raised_hand": "raising_hand",
    "heavy_check_mark": "white_check_mark",
    "+1": "thumbsup",
    "-1": "thumbsdown",
}


def sign(name: str) -> str:
    """As HTML; the name between colons where there is no drawing."""
    drawn = _DRAWN.get(_ALIKE.get(name, name))
    return _BOX.format(drawn) if drawn else f":{name}:"
