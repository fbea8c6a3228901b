"""Trees as RFC 9162 has them: published vectors, and every proof of every small tree."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.proofs import merkle, tiles

#: The eight entries and roots with which Certificate Transparency tests its own trees.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
#: (leaf, size) → path, and (old, new) → path, of the same published vectors.
PATHS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENT = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def tree(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size):
    assert merkle.root(size, merkle.over(LEAVES[:size])).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_inclusion_paths_are_the_published_ones(index, size):
    path = merkle.inclusion_path(index, size, merkle.over(LEAVES))

    assert [step.hex() for step in path] == PATHS[index, size]
    assert merkle.root_by_path(LEAVES[index], index, size, path) == bytes.fromhex(ROOTS[size])


@pytest.mark.parametrize(("old", "new"), CONSISTENT)
def test_consistency_paths_are_the_published_ones(old, new):
    path = merkle.consistency_path(old, new, merkle.over(LEAVES))

    assert [step.hex() for step in path] == CONSISTENT[old, new]


def test_every_leaf_of_every_small_tree_is_proved_and_no_other():
    for size in range(1, 34):
        leaves = tree(size)
        nodes = merkle.over(leaves)
        root = merkle.root(size, nodes)
        for index in range(size):
            path = merkle.inclusion_path(index, size, nodes)

            assert merkle.root_by_path(leaves[index], index, size, path) == root
            assert merkle.root_by_path(leaves[index - 1], index, size, path) != root or size == 1
            assert merkle.root_by_path(leaves[index], index, size, [*path, root]) is None
            if path:
                assert merkle.root_by_path(leaves[index], index, size, path[:-1]) is None


def test_every_small_tree_follows_every_smaller_one_and_no_other():
    for new in range(1, 34):
        nodes = merkle.over(tree(new))
        root = merkle.root(new, nodes)
        for old in range(1, new + 1):
            before = merkle.root(old, nodes)
            path = merkle.consistency_path(old, new, nodes)

            assert merkle.is_consistent(old, new, before, root, path)
            assert not merkle.is_consistent(old, new, hashlib.sha256(before).digest(), root, path)
            assert not merkle.is_consistent(old, new, before, hashlib.sha256(root).digest(), path)
            assert not merkle.is_consistent(old, new, before, root, [*path, root])


def test_a_tree_that_grows_is_the_tree_at_each_size():
    growing = merkle.Growing()
    nodes = merkle.over(tree(300))
    for size, leaf in enumerate(tree(300)):
        assert growing.root() == merkle.root(size, nodes)
        growing.append(leaf)


@given(st.integers(1, 1100), st.data())
def test_tiles_prove_what_the_whole_tree_proves(size, data):
    leaves = tree(size)
    nodes = merkle.over(leaves)
    start = data.draw(st.integers(0, size))
    kept = cut(leaves[:start], 0, [])
    kept |= cut(leaves[start:], start, open_tiles(start, leaves, kept))

    def fetch(level, number, width):
        found = kept.get((level, number)) or open_tiles(size, leaves, kept)[level]
        return found[: width * 32]

    from_tiles = tiles.reader(size, fetch)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))

    assert merkle.root(size, from_tiles) == merkle.root(size, nodes)
    assert merkle.inclusion_path(index, size, from_tiles) == merkle.inclusion_path(
        index, size, nodes
    )
    assert merkle.consistency_path(old, size, from_tiles) == merkle.consistency_path(
        old, size, nodes
    )


def cut(leaves, size, open_ones):
    tiler = tiles.Tiler(size, open_ones)
    return {
        (level, number): hashes
        for leaf in leaves
        for level, number, hashes, _top in tiler.append(leaf)
    }


def open_tiles(size, leaves, kept):
    """The partial tile of each level, from what is below it."""
    found, row = [], leaves[:size]
    while row:
        at = len(row) // 256 * 256
        found.append(b"".join(row[at:]))
        row = [tiles.top(b"".join(row[i : i + 256])) for i in range(0, at, 256)]
    return found


@pytest.mark.parametrize(
    ("number", "path"), [(0, "000"), (67, "067"), (1000, "x001/000"), (1234067, "x001/x234/067")]
)
def test_a_tile_is_addressed_in_groups_of_three(number, path):
    assert tiles.number_path(number) == path
    assert tiles.read_number_path(path) == (number, 256)
    assert tiles.read_number_path(f"{path}.p/7") == (number, 7)


@pytest.mark.parametrize(
    "path", ["", "67", "0067", "x000/067", "067.p/0", "067.p/257", "x001", "٠٦٧"]
)
def test_another_spelling_addresses_no_tile(path):
    assert tiles.read_number_path(path) is None
