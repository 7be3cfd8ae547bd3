"""Keys of texts: hashes that are kept in the store, and so must never change."""


def key_of(*parts: str) -> str:
    """Returns SQL of DuckDB for a key (64 bits, from 0) of columns of text; null where one of them is null."""
    # md5 is stable over versions of DuckDB, its own hash() is not; the upper bits make a signed 64-bit number.
    text = " || chr(31) || ".join(parts)
    return f"(md5_number_upper({text}) >> 1)::BIGINT"
