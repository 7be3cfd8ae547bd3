from pathlib import Path

import pytest

import config
from registry.places import Gazetteer, State
from registry.progress.tiles import read_tiles

PLACES = Path(config.__file__).parent / "places"
GAZETTEER = Gazetteer.open(PLACES)


@pytest.mark.parametrize("state", GAZETTEER.states, ids=lambda state: str(state.first_day))
def test_every_province_has_a_tile_of_its_own(state: State) -> None:
    tiles = read_tiles(PLACES / "tiles.csv", first_day=state.first_day)
    provinces = {unit.code for unit in state.units.values() if unit.level == "province"}
    assert tiles.keys() == provinces
    assert len({(tile.column, tile.row) for tile in tiles.values()}) == len(tiles)
