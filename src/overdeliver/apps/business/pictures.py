"""What a picture file says of itself, before anybody opens it."""

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
#: Markers of a JPEG that begin a frame and so tell its size (ITU-T T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length


def measured(data: bytes) -> tuple[str, int, int] | None:
    """The kind (png or jpeg), width and height in pixels, from the header alone.

    None: it is neither, or the header is cut off.

    >>> measured(_PNG + b"\\0\\0\\0\\rIHDR" + struct.pack(">II", 300, 80))
    ('png', 300, 80)
    """
    try:
        if data.startswith(_PNG) and data[12:16] == b"IHDR":
            return ("png", *struct.unpack(">II", data[16:24]))
        if data.startswith(_JPEG):
            return ("jpeg", *_of_jpeg(data))
    except (struct.error, IndexError):
        pass
    return None


def _of_jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:  # fill bytes
            at += 1
        if data[at] != 0xFF:
            raise IndexError(at)
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 if marker in _ALONE else 2 + int.from_bytes(data[at + 2 : at + 4])
