"""Unpacks gzip as it comes: any number of members, each proved by its trailer, and no more than a limit allows."""

import zlib
from collections.abc import Iterator

from entrepot.channel import RejectedError, TransientError

PIECE = 65_536
"""Bytes that are unpacked at a time."""

FREE = 16 * 1024 * 1024
"""Bytes that any document may unpack to: a short one may be very uniform."""

MOST = 200
"""Beyond that, the number of bytes that one packed byte may become. Deflate ends at 1032."""

GZIP = 31
"""zlib's word for a window of 32 KiB, and a header and trailer of gzip."""


class Gunzip:
    """Give it the packed bytes with `feed` and end with `finish`. `what` is the document as errors name it."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._member = zlib.decompressobj(GZIP)
        self._begun = False
        self._packed = 0
        self._unpacked = 0

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Raises TransientError for damaged bytes, RejectedError for a bomb."""
        self._packed += len(packed)
        held_back = False
        while packed or held_back:
            piece, packed = self._unpack(packed)
            held_back = len(piece) == PIECE  # zlib may have taken all input in and still owe output
            self._unpacked += len(piece)
            self._check_ratio()
            if piece:
                yield piece

    def finish(self) -> None:
        """Raises TransientError where the last member is not whole, or there is none."""
        if self._begun or not self._packed:
            raise TransientError(f"{self._what}: the packed bytes break off. Next: download it again")

    def _unpack(self, packed: bytes) -> tuple[bytes, bytes]:
        """A piece, and what is still to be unpacked: zlib checks length and checksum at the end of each member."""
        self._begun = self._begun or bool(packed)
        try:
            piece = self._member.decompress(packed, PIECE)
        except zlib.error as error:
            raise TransientError(
                f"{self._what}: the packed bytes are damaged: {error}. Next: download it again"
            ) from None
        if not self._member.eof:
            return piece, self._member.unconsumed_tail
        left = self._member.unused_data
        self._member, self._begun = zlib.decompressobj(GZIP), False
        return piece, left

    def _check_ratio(self) -> None:
        if self._unpacked > FREE and self._unpacked > MOST * self._packed:
            raise RejectedError(
                f"{self._what} unpacks to more than {MOST} times its size, and was given up at {self._unpacked} bytes. "
                "Next: see with Amazon's support what it is"
            )
