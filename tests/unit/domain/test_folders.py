"""Folders in folders, damaged ones too."""

import pytest

from desktop.domain.errors import LocutionError
from desktop.domain.folders import DEEPEST, Folder, FolderTree

TREE = FolderTree(
    [
        Folder("work", "Work", position=1),
        Folder("home", "Home", position=0),
        Folder("clients", "Clients", "work", 0),
        Folder("north", "North", "clients", 0),
        Folder("old", "old", "home", 0),
    ]
)


def ids(folders):
    return [folder.id for folder in folders]


def test_folders_come_in_their_order_and_know_the_way_to_the_top() -> None:
    assert ids(TREE.children(None)) == ["home", "work"]
    assert ids(TREE.path("north")) == ["work", "clients", "north"]
    assert TREE.within("work") == ["work", "clients", "north"]
    assert TREE.within("old") == ["old"]


def test_a_folder_is_found_by_its_name_or_by_its_way() -> None:
    assert TREE.named("clients") == ["clients"]
    assert TREE.named(" work / CLIENTS/") == ["clients"]
    assert TREE.named("home/clients") == []
    assert TREE.named("/") == TREE.named("") == []


@pytest.mark.parametrize("into", ["work", "clients", "north"])
def test_a_folder_cannot_be_put_into_itself(into: str) -> None:
    with pytest.raises(LocutionError, match="into itself"):
        TREE.check_move("work", into)


def test_a_folder_goes_anywhere_else() -> None:
    TREE.check_move("work", "old")
    TREE.check_move("north", None)


def test_folders_are_not_nested_too_deep() -> None:
    chain = [Folder(f"f{n}", "x", f"f{n - 1}" if n else None) for n in range(DEEPEST)]
    tree = FolderTree([*chain, Folder("single", "x"), Folder("pair", "x"), Folder("inner", "x", "pair")])

    tree.check_move("single", f"f{DEEPEST - 2}")
    for folder, into in (("single", f"f{DEEPEST - 1}"), ("pair", f"f{DEEPEST - 2}")):
        with pytest.raises(LocutionError, match="nested"):
            tree.check_move(folder, into)


def test_damaged_folders_are_all_still_there() -> None:
    circle = [Folder("a", "A", "b"), Folder("b", "B", "a"), Folder("below", "X", "a")]
    tree = FolderTree([*circle, Folder("own", "O", "own"), Folder("lost", "L", "nowhere")])

    assert sorted(ids(tree.children(None))) == ["a", "b", "lost", "own"]
    assert ids(tree.path("below")) == ["a", "below"]
