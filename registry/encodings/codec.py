"""A pair of functions as a Python codec, so that a text in pieces decodes as it does in one."""

import codecs
import re
from collections.abc import Callable
from typing import Any

Decode = Callable[[bytes, str], str]
Encode = Callable[[str, str], bytes]

#: Bytes that belong to no letter in any of our encodings and end what stands before them.
_BREAK = re.compile(rb"[\t\n\r ,;|\"/][^\t\n\r ,;|\"/]*\Z")


def codec_info(name: str, *, decode: Decode, encode: Encode) -> codecs.CodecInfo:
    """The codec `name`. Its incremental decoder keeps back what follows the last white space or separator."""

    class Decoder(codecs.BufferedIncrementalDecoder):
        def _buffer_decode(self, data: Any, errors: str, final: bool) -> tuple[str, int]:
            used = len(data)
            if not final:
                last = _BREAK.search(data)
                used = last.start() if last else 0
            return decode(bytes(data[:used]), errors), used

    class Encoder(codecs.IncrementalEncoder):
        """A letter is never cut between two pieces of text, but a word may be: whole cells must be given."""

        def encode(self, text: str, final: bool = False) -> bytes:  # noqa: ARG002 (the signature is Python's)
            return encode(text, self.errors)

    def decode_all(data: Any, errors: str = "strict") -> tuple[str, int]:
        return decode(bytes(data), errors), len(data)

    def encode_all(text: str, errors: str = "strict") -> tuple[bytes, int]:
        return encode(text, errors), len(text)

    return codecs.CodecInfo(
        encode_all,
        decode_all,
        incrementalencoder=Encoder,
        incrementaldecoder=Decoder,
        name=name,
    )
