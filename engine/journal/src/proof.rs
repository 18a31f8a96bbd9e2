//! The proof that one record stands in the history of which an anchor is the head: the text of a C2SP tlog-proof. Whoever has
//! the record, the proof and the anchor needs neither the store nor anybody's other records. See decision 0031.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::anchor::{Anchor, Walk};
use crate::fault::Fault;
use crate::merkle::{Levels, Root, leaf, led_to};
use crate::store::Store;
use crate::tenant::Tenant;

/// The first line of the text.
const FORMAT: &str = "c2sp.org/tlog-proof@v1";
/// The most hashes of a proof: a tree of 2^63 leaves has no longer way.
const HASHES_MAX: usize = 63;

/// Where a record stands in an anchored history, and the hashes that lead from it to the anchor's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How many records stand before it.
    pub index: u64,
    /// The hashes beside its way, the lowest first.
    pub hashes: Vec<Root>,
    /// The head of the history.
    pub anchor: Anchor,
}

/// A text that is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {0} is not that of a proof")]
pub struct NoProof(&'static str);

impl Proof {
    /// The text: format, index, hashes in base64, an empty line, and the anchor.
    #[must_use]
    pub fn text(&self) -> String {
        let hashes: String = self.hashes.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
        format!("{FORMAT}\nindex {}\n{hashes}\n{}", self.index, self.anchor.text())
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn parse(text: &str) -> Result<Self, NoProof> {
        let (head, anchor) = text.split_once("\n\n").ok_or(NoProof("empty line before the anchor"))?;
        let mut lines = head.lines();
        if lines.next() != Some(FORMAT) {
            return Err(NoProof("first line"));
        }
        let wrong = NoProof("line with the index");
        let number = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(wrong)?;
        let index: u64 = number.parse().map_err(|_| wrong)?;
        let hash = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
        let hashes: Option<Vec<Root>> = lines.map(hash).collect();
        let hashes = hashes.filter(|hashes| hashes.len() <= HASHES_MAX).ok_or(NoProof("list of hashes"))?;
        let anchor = Anchor::parse(anchor).map_err(|_| NoProof("anchor"))?;
        if number != index.to_string() {
            return Err(wrong);
        }
        Ok(Self { index, hashes, anchor })
    }

    /// Whether what a record is in the tree stands where the proof says.
    #[must_use]
    pub fn holds(&self, record: &str) -> bool {
        let root = led_to(&leaf(record.as_bytes()), self.index, self.anchor.size, &self.hashes);
        root == Some(self.anchor.root)
    }
}

/// The proofs for the last record of a stream that an anchor covers, and for those of these that stand before it, each with
/// the record's number, in order; none when the anchor covers no record of it, or more records than the store has. Every
/// record before the anchor is read, and its hash computed from its bytes.
///
/// # Errors
/// When the store cannot be read.
pub async fn prove<S: Store>(
    store: &S,
    tenant: Tenant,
    stream: &str,
    anchor: &Anchor,
    also: &[u64],
) -> Result<Vec<(u64, Proof)>, Fault> {
    let (mut walk, mut leaves, mut own) = (Walk::default(), Vec::new(), Vec::new());
    let each = |of: &str, seq: u64, record: &str| {
        if of == stream {
            own.push((seq, leaves.len()));
        }
        leaves.push(leaf(record.as_bytes()));
    };
    walk.through(store, tenant, anchor.size, each).await?;
    if walk.size() != anchor.size {
        return Ok(Vec::new());
    }
    let last = own.last().map(|(seq, _)| *seq);
    let wanted = own.into_iter().filter(|(seq, _)| Some(*seq) == last || also.contains(seq));
    let levels = Levels::of(leaves);
    let proof = |(seq, index): (u64, usize)| {
        let hashes = levels.path(index)?;
        Some((seq, Proof { index: index as u64, hashes, anchor: anchor.clone() }))
    };
    Ok(wanted.filter_map(proof).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn three() -> (Vec<Root>, Anchor) {
        let leaves: Vec<Root> = ["a", "b", "c"].map(|text| leaf(text.as_bytes())).to_vec();
        let mut tree = crate::merkle::Tree::default();
        ["a", "b", "c"].iter().for_each(|text| tree.push(text.as_bytes()));
        (leaves, Anchor { origin: "town.test".into(), size: 3, root: tree.root() })
    }

    #[test]
    fn proofs_are_read_exactly_and_hold_once() {
        let (leaves, anchor) = three();
        let proof = Proof { index: 1, hashes: Levels::of(leaves).path(1).unwrap(), anchor };
        assert!(proof.text().starts_with("c2sp.org/tlog-proof@v1\nindex 1\n"));
        assert_eq!(Proof::parse(&proof.text()), Ok(proof.clone()));
        assert!(proof.holds("b") && !proof.holds("a") && !proof.holds("c"));
    }

    #[test]
    fn malformed_proofs_name_the_wrong_part() {
        let (leaves, anchor) = three();
        let text = Proof { index: 1, hashes: Levels::of(leaves).path(1).unwrap(), anchor }.text();
        for (from, to) in [("@v1", "@v2"), ("index 1", "index 01"), ("index 1", "inde 1"), ("\n\n", "\n")] {
            assert!(Proof::parse(&text.replacen(from, to, 1)).is_err(), "{from} {to}");
        }
        assert!(Proof::parse(&text.replace("=\n\n", "\n\n")).is_err());
    }
}
