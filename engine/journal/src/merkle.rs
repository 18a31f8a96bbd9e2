//! The Merkle tree over a growing list, by RFC 6962: of all that went in, only the tops of its full parts are kept.

use sha2::{Digest as _, Sha256};

/// A hash of the tree.
pub type Root = [u8; 32];

/// The tree over what was pushed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// The tops of the full parts, the largest first: one for each bit of the size.
    tops: Vec<Root>,
}

impl Tree {
    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf at the end.
    pub fn push(&mut self, bytes: &[u8]) {
        self.add(leaf(bytes));
    }

    /// Adds a leaf that is hashed already.
    fn add(&mut self, leaf: Root) {
        let mut top = leaf;
        // As many parts of equal size join as the size ends in ones.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.tops.pop() {
                top = joined(&left, &top);
            }
        }
        self.tops.push(top);
        self.size += 1;
    }

    /// The root; that of no leaves is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Root {
        let mut parts = self.tops.iter().rev();
        let Some(last) = parts.next() else { return Sha256::digest([]).into() };
        parts.fold(*last, |right, left| joined(left, &right))
    }
}

/// The hash of a leaf.
#[must_use]
pub fn leaf(bytes: &[u8]) -> Root {
    Sha256::new_with_prefix([0]).chain_update(bytes).finalize().into()
}

/// A tree with all its inner hashes, level by level from the leaves: a way through it costs no more than it is long.
pub struct Levels(Vec<Vec<Root>>);

impl Levels {
    /// Of leaves that are hashed already. A node without a neighbour goes up as it is, which gives the tree of RFC 6962,
    /// section 2.1.
    #[must_use]
    pub fn of(leaves: Vec<Root>) -> Self {
        let mut levels = Vec::new();
        let mut level = leaves;
        while level.len() > 1 {
            let above = level.chunks(2).map(|pair| match pair {
                [left, right] => joined(left, right),
                rest => rest.first().copied().unwrap_or_default(),
            });
            let above = above.collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self(levels)
    }

    /// The hashes that lead from one leaf to the root, the lowest first: `PATH` of RFC 6962, section 2.1.1. Nothing when
    /// there is no such leaf.
    #[must_use]
    pub fn path(&self, index: usize) -> Option<Vec<Root>> {
        self.0.first()?.get(index)?;
        let beside = |(level, nodes): (usize, &Vec<Root>)| nodes.get((index >> level) ^ 1).copied();
        Some(self.0.iter().enumerate().filter_map(beside).collect())
    }
}

/// The root to which a leaf and the hashes beside its way lead, in a tree of a size: section 2.1.3.2 of RFC 9162. Nothing
/// when there are not as many hashes as such a tree has.
#[must_use]
pub fn led_to(leaf: &Root, index: u64, size: u64, path: &[Root]) -> Option<Root> {
    let (mut at, mut last) = (index, size.checked_sub(1)?);
    if at > last {
        return None;
    }
    let mut root = *leaf;
    for beside in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = joined(beside, &root);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            root = joined(&root, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

fn joined(left: &Root, right: &Root) -> Root {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    /// The leaves and roots with which implementations of Certificate Transparency are tested.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let mut tree = Tree::default();
        assert_eq!(hex::encode(tree.root()), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            tree.push(&hex::decode(leaf).unwrap());
            assert_eq!(hex::encode(tree.root()), *root, "of {} leaves", tree.size());
        }
    }

    fn over(leaves: &[Root]) -> Root {
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.add(*leaf));
        tree.root()
    }

    /// By the definition: split at the largest power of two below the number of leaves.
    fn defined(leaves: &[Vec<u8>]) -> Root {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => Sha256::new_with_prefix([0]).chain_update(leaf).finalize().into(),
            more => {
                let half = more.len().next_power_of_two() / 2;
                let (left, right) = more.split_at(half);
                joined(&defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn only_the_right_leaf_leads_to_the_root() {
        for size in 1usize..70 {
            let leaves: Vec<Root> = (0..size).map(|n| leaf(&n.to_be_bytes())).collect();
            let root = over(&leaves);
            let levels = Levels::of(leaves.clone());
            for (index, own) in leaves.iter().enumerate() {
                let way = levels.path(index).unwrap();
                let (at, all) = (index as u64, size as u64);
                assert_eq!(led_to(own, at, all, &way), Some(root), "{index} of {size}");
                assert_ne!(led_to(&leaf(b"other"), at, all, &way), Some(root));
                assert!(size == 1 || led_to(own, (at + 1) % all, all, &way) != Some(root), "elsewhere");
                let mut longer = way.clone();
                longer.push(*own);
                assert_ne!(led_to(own, at, all, &longer), Some(root), "one more hash");
                assert!(way.is_empty() || led_to(own, at, all, &way[1..]) != Some(root), "one fewer");
            }
            assert_eq!(levels.path(size), None);
            assert_eq!(led_to(&leaves[0], all(size), all(size), &[]), None);
        }
        assert_eq!(led_to(&leaf(b""), 0, 0, &[]), None, "a tree without leaves");
    }

    fn all(size: usize) -> u64 {
        size as u64
    }

    /// The paths with which implementations of Certificate Transparency are tested: leaf, size, hashes.
    const PATHS: [(usize, usize, &[&str]); 3] = [
        (0, 1, &[]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ];

    #[test]
    fn the_paths_are_those_of_certificate_transparency() {
        for (index, size, hashes) in PATHS {
            let leaves: Vec<Root> =
                LEAVES.iter().take(size).map(|text| leaf(&hex::decode(text).unwrap())).collect();
            let found: Vec<String> =
                Levels::of(leaves).path(index).unwrap().iter().map(hex::encode).collect();
            assert_eq!(found, hashes, "{index} of {size}");
        }
    }

    #[test]
    fn roots_of_every_size_follow_the_definition() {
        let (mut tree, mut leaves) = (Tree::default(), Vec::new());
        for n in 0u32..300 {
            assert_eq!(tree.root(), defined(&leaves), "of {n} leaves");
            leaves.push(n.to_be_bytes().to_vec());
            tree.push(&n.to_be_bytes());
        }
    }
}
