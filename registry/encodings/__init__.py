"""The encodings of Vietnamese that Python does not have, as codecs: importing this package registers them.

`tcvn3`, `vni`, `viqr`, and `windows-1258-nfc`: Python's own `cp1258` cannot be replaced, and it neither
composes what it reads nor writes text in NFC.
"""

import codecs

from registry.encodings import tcvn3, viqr, vni, windows1258
from registry.encodings.codec import codec_info

TCVN3, VNI, VIQR, WINDOWS_1258 = "tcvn3", "vni", "viqr", "windows-1258-nfc"

_CODECS = {
    info.name.replace("-", "_"): info
    for info in (
        codec_info(TCVN3, decode=tcvn3.decode, encode=tcvn3.encode),
        codec_info(VNI, decode=vni.decode, encode=vni.encode),
        codec_info(VIQR, decode=viqr.decode, encode=viqr.encode),
        codec_info(WINDOWS_1258, decode=windows1258.decode, encode=windows1258.encode),
    )
}

codecs.register(_CODECS.get)
