//! Verifying a whole store, one stream of it, or what was taken out of it: every stream's chain.

use crate::chain::{Broken, hash, verify as verify_stream};
use crate::entry::{Head, StoredRecord, Tenant};
use crate::record::Header;
use crate::store::{Fault, Store};

/// What a look through a store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Streams looked through.
    pub streams: u64,
    /// Records looked through.
    pub records: u64,
    /// Places that are wrong.
    pub broken: Vec<Broken>,
}

/// Streams asked for at once.
const PAGE: u32 = 500;

/// What a look through one stream found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Records looked through.
    pub records: u64,
    /// The hash of the last record, computed from its bytes.
    pub head: String,
    /// The first place that is wrong.
    pub broken: Option<Broken>,
}

/// Looks through every stream of a tenant.
///
/// # Errors
/// When the store cannot be read.
pub async fn verify<S: Store>(store: &S, tenant: Tenant) -> Result<Report, Fault> {
    let mut report = Report::default();
    let mut after = String::new();
    loop {
        let page = store.streams(tenant, &after, PAGE).await?;
        let Some(last) = page.last().cloned() else {
            return Ok(report);
        };
        for name in page {
            let chain = stream(store, tenant, &name).await?;
            report.streams += 1;
            report.records += chain.records;
            report.broken.extend(chain.broken);
        }
        after = last;
    }
}

/// Looks through one stream from its first record to its last.
///
/// # Errors
/// When the store cannot be read.
pub async fn stream<S: Store>(store: &S, tenant: Tenant, stream: &str) -> Result<Chain, Fault> {
    let records = store.load(tenant, stream, 0).await?;
    let broken = verify_stream(stream, &records).err();
    let broken = broken.or(verify_end(store, tenant, stream, &records).await?);
    Ok(Chain { records: records.len() as u64, head: head_of(&records), broken })
}

/// Looks through one stream as it was taken out of a store, a record a line, and tells which stream it is. A record that
/// was changed breaks the one after it; the last one has its hash in the head alone.
#[must_use]
pub fn exported(text: &str) -> (String, Chain) {
    let (mut stream, mut records) = (String::new(), Vec::new());
    for (seq, line) in (1u64..).zip(text.lines()) {
        match taken_out(line.as_bytes()) {
            Ok((of, record)) => {
                if seq == 1 {
                    stream = of;
                }
                records.push(record);
            }
            Err(fault) => {
                let broken = Broken { stream: stream.clone(), seq, what: fault.to_string() };
                let head = head_of(&records);
                return (stream, Chain { records: seq - 1, head, broken: Some(broken) });
            }
        }
    }
    let broken = verify_stream(&stream, &records).err();
    let chain = Chain { records: records.len() as u64, head: head_of(&records), broken };
    (stream, chain)
}

/// A record by its bytes alone; what a store keeps beside them is made from them.
fn taken_out(bytes: &[u8]) -> Result<(String, StoredRecord), Fault> {
    let Header { seq, at, kind, cmd, stream, .. } = Header::read(bytes)?;
    let record =
        StoredRecord { pos: 0, seq, kind, at, cmd, bytes: bytes.to_vec(), hash: hash(bytes).to_vec() };
    Ok((stream, record))
}

fn head_of(records: &[StoredRecord]) -> String {
    records.last().map(|last| hex::encode(hash(&last.bytes))).unwrap_or_default()
}

/// The end that the store keeps beside the records: a stream that lost its last records is found by it.
async fn verify_end<S: Store>(
    store: &S,
    tenant: Tenant,
    stream: &str,
    records: &[StoredRecord],
) -> Result<Option<Broken>, Fault> {
    let head = store.head(tenant, stream).await?.unwrap_or_default();
    let last =
        records.last().map(|last| Head { seq: last.seq, hash: hex::encode(&last.hash) }).unwrap_or_default();
    let broken = || Broken {
        stream: stream.to_string(),
        seq: head.seq,
        what: "the last record is not the end of the stream".into(),
    };
    Ok((head != last).then(broken))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{Header, exported, hash};
    use serde_json::json;

    /// Three records, a line each, and the hash of the last.
    fn three() -> (String, String) {
        let (mut prev, mut lines) = (None, Vec::new());
        for seq in 1..=3 {
            let data = json!({ "facts": [{ "fact": "n", "n": seq }] });
            let header = Header {
                at: 1_000,
                by: json!("engine"),
                cmd: "c".into(),
                data,
                due: None,
                kind: "acted".into(),
                prev,
                seq,
                stream: "case/1".into(),
                v: 1,
            };
            let bytes = header.bytes().unwrap();
            prev = Some(hex::encode(hash(&bytes)));
            lines.push(String::from_utf8(bytes).unwrap());
        }
        (lines.join("\n"), prev.unwrap())
    }

    #[test]
    fn what_was_taken_out_has_the_head_of_its_last_record() {
        let (text, head) = three();
        let (stream, chain) = exported(&text);
        assert_eq!((stream.as_str(), chain.records, chain.head, chain.broken), ("case/1", 3, head, None));
    }

    #[test]
    fn what_was_changed_or_left_out_is_found_where_the_chain_breaks() {
        let (text, head) = three();
        let at = |text: &str| exported(text).1.broken.map(|broken| broken.seq);
        assert_eq!(at(&text.replacen("\"n\":1", "\"n\":7", 1)), Some(2), "the link from the next one");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(at(&lines.get(1..).unwrap().join("\n")), Some(1), "the first is missing");
        assert_eq!(at(&format!("{}\nnothing", lines.first().unwrap())), Some(2), "no record");
        let forged = exported(&text.replacen("\"n\":3", "\"n\":7", 1)).1;
        assert!(forged.broken.is_none() && forged.head != head, "the last one is told by the head");
    }
}
