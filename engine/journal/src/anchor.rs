//! Anchors: the head of the whole history as a text of three lines, to be kept where the operator cannot reach it. The text
//! is the body of a C2SP tlog-checkpoint; the root is that of RFC 6962 over all records in the order in which they were
//! written. See decision 0029.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::chain::hash;
use crate::entry::StoredRecord;
use crate::fault::Fault;
use crate::merkle::{Root, Tree};
use crate::store::Store;
use crate::tenant::Tenant;

/// Records read at once.
const PAGE: u32 = 1_000;
/// The most bytes of an anchor's text that are read, signatures and all.
pub const ANCHOR_BYTES_MAX: usize = 16 * 1024;

/// What a record is in the tree: its stream, its place there and the hash of its bytes, on a line without its end.
#[must_use]
pub fn leaf(stream: &str, record: &StoredRecord) -> String {
    leaf_of(stream, record.seq, &hash(&record.bytes))
}

/// The same, where no more of a record is at hand than its hash.
#[must_use]
pub fn leaf_of(stream: &str, seq: u64, hash: &[u8; 32]) -> String {
    format!("paidan/leaf/1 {stream} {seq} {}", hex::encode(hash))
}

/// The head of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Whose history.
    pub origin: String,
    /// How many records it covers.
    pub size: u64,
    /// The root over them.
    pub root: Root,
}

/// A text that is no anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {0} is not that of an anchor")]
pub struct NoAnchor(&'static str);

impl Anchor {
    /// The text: origin, number of records, root in base64, each on a line.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root_text())
    }

    /// The root in base64.
    #[must_use]
    pub fn root_text(&self) -> String {
        STANDARD.encode(self.root)
    }

    /// Reads a text. What follows the third line, such as signatures, is not looked at.
    ///
    /// # Errors
    /// Which line is wrong.
    pub fn parse(text: &str) -> Result<Self, NoAnchor> {
        let mut lines = text.lines();
        let mut line = |what| lines.next().filter(|line| !line.is_empty()).ok_or(NoAnchor(what));
        let (first, second, third) =
            ("first line", "second line, the number of records,", "third line, the root,");
        let origin = line(first)?.to_string();
        let number = line(second)?;
        let size: u64 = number.parse().map_err(|_| NoAnchor(second))?;
        let root = STANDARD.decode(line(third)?).map_err(|_| NoAnchor(third))?;
        let root = root.try_into().map_err(|_| NoAnchor(third))?;
        // A number has one form: another one is another text with the same meaning.
        if number != size.to_string() {
            return Err(NoAnchor(second));
        }
        Ok(Self { origin, size, root })
    }
}

/// A walk through the whole history, from its first record on. Hashes are computed from the bytes, never read.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    tree: Tree,
    /// The place of the last record that was read.
    pos: i64,
    /// The recorded time of the last record that was read.
    at: Option<i64>,
}

impl Walk {
    /// How many records were read.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root over them.
    #[must_use]
    pub fn root(&self) -> Root {
        self.tree.root()
    }

    /// The place of the last of them among all.
    #[must_use]
    pub fn pos(&self) -> i64 {
        self.pos
    }

    /// The recorded time of the last of them.
    #[must_use]
    pub fn at(&self) -> Option<i64> {
        self.at
    }

    /// Goes on until so many records were read, or to the end where there are fewer. `each` gets every leaf.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn go<S: Store>(
        &mut self,
        store: &S,
        tenant: Tenant,
        size: u64,
        mut each: impl FnMut(&str) + Send,
    ) -> Result<(), Fault> {
        self.through(store, tenant, size, |_, _, leaf| each(leaf)).await
    }

    /// The same; `each` gets the stream and the place there of every record, too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn through<S: Store>(
        &mut self,
        store: &S,
        tenant: Tenant,
        size: u64,
        mut each: impl FnMut(&str, u64, &str) + Send,
    ) -> Result<(), Fault> {
        while self.size() < size {
            let left = u32::try_from(size - self.size()).unwrap_or(PAGE).min(PAGE);
            let page = store.in_order(tenant, self.pos, left).await?;
            if page.is_empty() {
                return Ok(());
            }
            for (stream, record) in &page {
                let leaf = leaf(stream, record);
                each(stream, record.seq, &leaf);
                self.tree.push(leaf.as_bytes());
                (self.pos, self.at) = (record.pos, Some(record.at));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_read_exactly_as_written() {
        let anchor = Anchor { origin: "东台 Dongtai".into(), size: 1_204, root: [7; 32] };
        let text = anchor.text();
        assert_eq!(Anchor::parse(&text), Ok(anchor.clone()));
        let signed = format!("{text}\n— paidan.town.example Az3grlgtz\n");
        assert_eq!(Anchor::parse(&signed), Ok(anchor), "a signature is for whoever has the key");
        for (from, to) in
            [("1204", "01204"), ("1204", "-1"), ("1204", ""), ("Bw", "*"), ("BwcH", ""), ("东台 Dongtai", "")]
        {
            assert!(Anchor::parse(&text.replacen(from, to, 1)).is_err(), "{from} -> {to}");
        }
        assert!(Anchor::parse("").is_err());
    }
}
