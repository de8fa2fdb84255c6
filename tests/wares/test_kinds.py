"""Kinds of counted ware, crates and sets: made, listed, and kept what they are."""

import pytest

from lending.errors import Code, LendingError
from lending.loop.pieces.kinds import (
    COLUMNS,
    NewKind,
    Sort,
    add_kind,
    add_kinds_from_rows,
    change_kind,
)
from lending.loop.read.pieces import KindView, list_kinds
from lending.places.texts import BadRows
from lending.places.uploads import read_rows
from tests.personas import Loop


def add(loop: Loop, new: NewKind) -> None:
    loop.write(lambda s: add_kind(s, district_id=loop.town.id, new=new, now=loop.now))


def kinds(loop: Loop, *, counted: bool | None) -> dict[str, KindView]:
    found = loop.write(lambda s: list_kinds(s, district_id=loop.town.id, counted=counted))
    return {kind.code: kind for kind in found}


def test_a_container_its_lid_and_a_bag(loop: Loop) -> None:
    add(loop, NewKind("lid", "뚜껑", sort=Sort.COUNTED))
    add(loop, NewKind("box-l", "용기", part="lid"))
    add(loop, NewKind("bag", "가방", sort=Sort.CRATE))
    assert list(kinds(loop, counted=True)) == ["lid"]
    tracked = kinds(loop, counted=False)
    assert "lid" not in tracked and tracked["bag"].carrier
    box, lid = kinds(loop, counted=None)["box-l"], kinds(loop, counted=None)["lid"]
    assert box.part_id == lid.id and not box.counted

    def change(part: str | None) -> int | None:
        new = NewKind("box-l", "용기", sort=Sort.CRATE, part=part)  # the sort never changes
        loop.write(lambda s: change_kind(s, district_id=loop.town.id, kind_id=box.id, new=new))
        found = kinds(loop, counted=None)["box-l"]
        assert not found.carrier
        return found.part_id

    assert change(None) == lid.id
    assert change("") is None
    assert change("lid") == lid.id


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewKind("x-1", "x", sort="heap"), "sort"),
        (NewKind("x-1", "x", part="cup-355"), "part"),
        (NewKind("x-1", "x", part="nothing"), "part"),
        (NewKind("x-1", "x", sort=Sort.CRATE, part="lid"), "part"),
        (NewKind("x-1", "x", sort=Sort.COUNTED, part="lid"), "part"),
    ],
)
def test_what_cannot_be_a_kind(loop: Loop, new: NewKind, field: str) -> None:
    add(loop, NewKind("lid", "뚜껑", sort=Sort.COUNTED))
    with pytest.raises(LendingError) as caught:
        add(loop, new)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, field)


def test_kinds_of_every_sort_from_a_file(loop: Loop) -> None:
    text = "code,name,sort\nbowl,국그릇,counted\nbin,상자,crate\ncup-s,컵,\n"
    made = loop.write(
        lambda s: add_kinds_from_rows(
            s, district_id=loop.town.id, table=read_rows(text, COLUMNS), now=loop.now
        )
    )
    assert made == 3
    found = kinds(loop, counted=None)
    assert (found["bowl"].counted, found["bin"].carrier, found["cup-s"].counted) == (
        True, True, False,
    )  # fmt: skip
    with pytest.raises(BadRows) as caught:
        loop.write(
            lambda s: add_kinds_from_rows(
                s,
                district_id=loop.town.id,
                table=read_rows("code,name,sort\nfork,포크,many\n", COLUMNS),
                now=loop.now,
            )
        )
    assert [(error.line, error.field) for error in caught.value.errors] == [(2, "sort")]
