"""QR codes of the door: its address as a picture, drawn or in dots."""

import io

import segno


def drawn(address: str) -> str:
    """The code as SVG."""
    out = io.BytesIO()
    _made(address).save(out, kind="svg", scale=6, border=4, light="#fff", xmldecl=False)
    return out.getvalue().decode()


def dotted(address: str) -> bytes:
    """The code as PNG, large enough to print."""
    out = io.BytesIO()
    _made(address).save(out, kind="png", scale=12, border=4)
    return out.getvalue()


def _made(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)
