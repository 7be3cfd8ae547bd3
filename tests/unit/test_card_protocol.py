"""The page of the protocol: its examples are what the code reads, and it has every reason."""

import re
from pathlib import Path

import pytest

from centre.answer import REJECTIONS
from centre.deliver import UNDELIVERABLE
from registry.sealing.answers import KINDS, LINES, read_answer
from registry.sealing.keys import Keys, read_key
from registry.sealing.manifest import manifest_sha256, read_manifest
from registry.sealing.reasons import Reason
from registry.sealing.signatures import verify
from tests.unit.sealing_parts import DAY, Parties, write_answer

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "card-protocol.md").read_text(encoding="utf-8")
KEY, MANIFEST, SIGNATURE, ANSWER = (block.encode() for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_the_examples_belong_together() -> None:
    key = read_key(KEY)
    assert verify(MANIFEST, SIGNATURE, Keys((key,)), owner="register", day=DAY) == key
    manifest = read_manifest(MANIFEST)
    assert manifest.to_bytes() == MANIFEST
    assert manifest.signed_by == key.key_id
    assert f'"hash_total": "{manifest.hash_total}"'.encode() in ANSWER
    assert f'"manifest_sha256": "{manifest_sha256(MANIFEST)}"'.encode() in ANSWER


def test_the_example_of_an_answer_is_one(tmp_path: Path) -> None:
    parties = Parties.at(tmp_path)
    signer = parties.signer
    content = re.sub(rb'"signed_by": "[0-9a-f]+"', f'"signed_by": "{signer.key_id}"'.encode(), ANSWER)
    signature = write_answer(tmp_path / "answer", content, signer)
    answer = read_answer(tmp_path / "answer", signature, parties.known, centre="national", day=DAY)
    assert answer.lines["result"].to_pylist() == ["accepted", "rejected"]
    assert answer.header.batch == read_manifest(MANIFEST).sequence


@pytest.mark.parametrize("code", [*Reason, *REJECTIONS, *UNDELIVERABLE, *KINDS])
def test_every_code_is_explained(code: str) -> None:
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("kind", LINES)
def test_every_field_of_a_line_is_named(kind: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
    assert all(f"`{name}`" in row for name in LINES[kind])
