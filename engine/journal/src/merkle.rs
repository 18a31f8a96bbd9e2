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
    pub fn push(&mut self, leaf: &[u8]) {
        let mut top = Sha256::new_with_prefix([0]).chain_update(leaf).finalize().into();
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

fn joined(left: &Root, right: &Root) -> Root {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
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
    fn at_every_size_the_root_is_that_of_the_definition() {
        let (mut tree, mut leaves) = (Tree::default(), Vec::new());
        for n in 0u32..300 {
            assert_eq!(tree.root(), defined(&leaves), "of {n} leaves");
            leaves.push(n.to_be_bytes().to_vec());
            tree.push(&n.to_be_bytes());
        }
    }
}
