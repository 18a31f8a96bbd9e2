//! Verifying a whole store, one stream of it, or what was taken out of it: every stream's chain.

use serde_json::{Value as Json, json};

use crate::anchor::leaf_of;
use crate::chain::{Broken, follow, hash, verify as verify_stream};
use crate::entry::{Head, StoredRecord};
use crate::fault::Fault;
use crate::proof::Proof;
use crate::record::Header;
use crate::store::Store;
use crate::tenant::Tenant;

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

/// What a look through the records of one stream found that were taken out of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Which stream it is.
    pub stream: String,
    /// Its records.
    pub chain: Chain,
    /// How many of them are there by their hash alone.
    pub withheld: u64,
    /// What stands in the history of an anchor, where a proof came along.
    pub covered: Option<Covered>,
    /// Records that can be read and that nothing holds in place: what follows them is withheld, and no proof is theirs.
    pub loose: Vec<u64>,
}

/// The part of a stream that an anchor covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The last record of it.
    pub seq: u64,
    /// What proves it.
    pub proof: Proof,
    /// Whether this record and every other that came with a proof, as they were taken out, lead to the anchor's root.
    pub holds: bool,
}

/// The line after the records: the last record that an anchor covers, and the proof of it.
#[must_use]
pub fn covered_line(seq: u64, proof: &Proof) -> String {
    json!({ COVERS: seq, PROOF: proof.text() }).to_string()
}

/// The line in the place of a record that whoever takes it out may not read: its hash, by which the records around it hold.
#[must_use]
pub fn withheld_line(stream: &str, record: &StoredRecord) -> String {
    json!({ WITHHELD: hex::encode(hash(&record.bytes)), "seq": record.seq, "stream": stream }).to_string()
}

const COVERS: &str = "covers";
const PROOF: &str = "proof";
const WITHHELD: &str = "withheld";

/// A line of what was taken out.
enum Line {
    /// A record.
    Record(StoredRecord),
    /// A record by its number and hash.
    Withheld(u64, [u8; 32]),
    /// What follows the last record.
    Covers(u64, Proof),
}

/// Looks through one stream as it was taken out of a store, a record a line, and tells which stream it is. A record that
/// was changed breaks the one after it; the last one has its hash in the head alone. A proof may stand after the last.
#[must_use]
pub fn exported(text: &str) -> Exported {
    let mut walk = Taken::default();
    for (seq, line) in (1u64..).zip(text.lines()) {
        if let Err(what) = walk.take(seq, line) {
            walk.broken = Some(Broken { stream: walk.stream.clone(), seq, what });
            walk.said.clear();
            break;
        }
    }
    let loose = walk.loose();
    let proven = |(seq, proof): &(u64, Proof)| {
        let hash = usize::try_from(*seq).ok().and_then(|seq| walk.hashes.get(seq.checked_sub(1)?));
        hash.is_some_and(|hash| proof.holds(&leaf_of(&walk.stream, *seq, hash)))
    };
    let covered = walk.said.iter().max_by_key(|(seq, _)| *seq).map(|(seq, proof)| {
        let same = walk.said.iter().all(|(_, other)| other.anchor == proof.anchor);
        Covered { seq: *seq, proof: proof.clone(), holds: same && walk.said.iter().all(proven) }
    });
    let head = walk.hashes.last().map(hex::encode).unwrap_or_default();
    let chain = Chain { records: walk.hashes.len() as u64, head, broken: walk.broken };
    Exported { stream: walk.stream, chain, withheld: walk.withheld, covered, loose }
}

/// What was read so far of a stream that was taken out.
#[derive(Default)]
struct Taken {
    stream: String,
    hashes: Vec<[u8; 32]>,
    /// Which of the records can be read.
    whole: Vec<bool>,
    withheld: u64,
    said: Vec<(u64, Proof)>,
    broken: Option<Broken>,
}

impl Taken {
    /// Takes the next line, whose record has this number.
    fn take(&mut self, seq: u64, line: &str) -> Result<(), String> {
        let (stream, line) = read(line)?;
        if !self.said.is_empty() && !matches!(line, Line::Covers(..)) {
            return Err("no record follows a proof".into());
        }
        if seq == 1 {
            self.stream = stream.unwrap_or_default();
        }
        let whole = matches!(line, Line::Record(_));
        let found = match line {
            Line::Covers(seq, proof) => {
                self.said.push((seq, proof));
                return Ok(());
            }
            Line::Withheld(number, _) if number != seq => {
                return Err("a record is missing before this one".into());
            }
            Line::Withheld(_, hash) => {
                self.withheld += 1;
                hash
            }
            Line::Record(record) => {
                let prev = self.hashes.last().map(hex::encode);
                follow(&self.stream, seq, prev, std::slice::from_ref(&record))
                    .map_err(|broken| broken.what)?;
                hash(&record.bytes)
            }
        };
        self.hashes.push(found);
        self.whole.push(whole);
        Ok(())
    }

    /// Records that can be read and that nothing holds in place. A record is held by a proof of its own, by the head, or by
    /// the one after it, which names its hash, if that can be read and is held.
    fn loose(&self) -> Vec<u64> {
        let (mut held, mut found) = (true, Vec::new());
        for (seq, whole) in (1u64..).zip(&self.whole).collect::<Vec<_>>().into_iter().rev() {
            held |= self.said.iter().any(|(of, _)| *of == seq);
            if *whole && !held {
                found.push(seq);
            }
            // What is withheld names nothing that could be read.
            held &= *whole;
        }
        found.reverse();
        found
    }
}

/// What a line says, and of which stream.
fn read(line: &str) -> Result<(Option<String>, Line), String> {
    let said: serde_json::Map<String, Json> = serde_json::from_str(line).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Json::as_str);
    let number = |name: &str| said.get(name).and_then(Json::as_u64);
    if let (Some(seq), Some(proof)) = (number(COVERS), text(PROOF)) {
        let proof = Proof::parse(proof).map_err(|error| error.to_string())?;
        return Ok((None, Line::Covers(seq, proof)));
    }
    if let (Some(found), Some(seq)) = (text(WITHHELD), number("seq")) {
        let bytes = hex::decode(found).ok().and_then(|bytes| bytes.try_into().ok());
        let hash = bytes.ok_or("what is withheld has no hash")?;
        return Ok((text("stream").map(Into::into), Line::Withheld(seq, hash)));
    }
    let (of, record) = taken_out(line.as_bytes()).map_err(|fault| fault.to_string())?;
    Ok((Some(of), Line::Record(record)))
}

/// A record by its bytes alone; what a store keeps beside them is made from them.
fn taken_out(bytes: &[u8]) -> Result<(String, StoredRecord), Fault> {
    let Header { seq, at, kind, cmd, stream, .. } = Header::read(bytes)?;
    let record = StoredRecord {
        pos: 0,
        seq,
        kind,
        at,
        cmd,
        bytes: bytes.to_vec(),
        body: 0,
        hash: hash(bytes).to_vec(),
    };
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
    use super::{Exported, Header, covered_line, exported, hash, taken_out, withheld_line};
    use crate::anchor::Anchor;
    use crate::anchor::leaf;
    use crate::merkle::{Levels, Tree, leaf as hashed};
    use crate::proof::Proof;
    use crate::record::{FORM, OBJECT_FORM};
    use serde_json::json;

    /// Three records, a line each, and the hash of the last.
    fn three() -> (String, String) {
        three_in(FORM)
    }

    fn three_in(form: u64) -> (String, String) {
        let (mut prev, mut lines) = (None, Vec::new());
        for seq in 1..=3 {
            let header = Header {
                at: 1_000,
                by: json!("engine"),
                cmd: "c".into(),
                data: json!({ "n": seq }),
                due: None,
                form,
                kind: "acted".into(),
                prev,
                seq,
                stream: "case/1".into(),
            };
            let bytes = header.bytes().unwrap();
            prev = Some(hex::encode(hash(&bytes)));
            lines.push(String::from_utf8(bytes).unwrap());
        }
        (lines.join("\n"), prev.unwrap())
    }

    #[test]
    fn an_export_has_its_last_records_head() {
        let (text, head) = three();
        let Exported { stream, chain, covered, withheld, loose } = exported(&text);
        assert!(loose.is_empty());
        assert_eq!(withheld, 0);
        assert_eq!((stream.as_str(), chain.records, chain.head, chain.broken), ("case/1", 3, head, None));
        assert_eq!(covered, None);
    }

    #[test]
    fn exports_of_the_earlier_form_are_read() {
        let (text, head) = three_in(OBJECT_FORM);
        let found = exported(&text);
        assert!(text.starts_with("{\"at\":1000"));
        assert_eq!(found.stream, "case/1");
        assert_eq!((found.chain.head, found.chain.broken), (head, None));
        let forged = text.replacen("\"n\":1", "\"n\":7", 1);
        assert_eq!(exported(&forged).chain.broken.map(|broken| broken.seq), Some(2));
    }

    #[test]
    fn changes_and_gaps_are_found_at_the_break() {
        let (text, head) = three();
        let at = |text: &str| exported(text).chain.broken.map(|broken| broken.seq);
        assert_eq!(at(&text.replacen("\"n\":1", "\"n\":7", 1)), Some(2), "the link from the next one");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(at(&lines.get(1..).unwrap().join("\n")), Some(1), "the first is missing");
        assert_eq!(at(&format!("{}\nnothing", lines.first().unwrap())), Some(2), "no record");
        let forged = exported(&text.replacen("\"n\":3", "\"n\":7", 1)).chain;
        assert!(forged.broken.is_none() && forged.head != head, "the last one is told by the head");
    }

    #[test]
    fn a_proof_holds_for_its_unchanged_record() {
        let (text, _) = three();
        let records: Vec<String> = text
            .lines()
            .map(|line| taken_out(line.as_bytes()).map(|(stream, record)| leaf(&stream, &record)).unwrap())
            .collect();
        let mut tree = Tree::default();
        records.iter().take(2).for_each(|record| tree.push(record.as_bytes()));
        let anchor = Anchor { origin: "town.test".into(), size: 2, root: tree.root() };
        let leaves: Vec<_> = records.iter().take(2).map(|record| hashed(record.as_bytes())).collect();
        let proof = Proof { index: 1, hashes: Levels::of(leaves).path(1).unwrap(), anchor };
        let whole = format!("{text}\n{}\n", covered_line(2, &proof));
        let found = exported(&whole);
        assert_eq!((found.chain.records, found.chain.broken), (3, None));
        let covered = found.covered.unwrap();
        assert!(covered.holds && covered.seq == 2 && covered.proof == proof);
        let holds = |text: &str| exported(text).covered.map(|covered| covered.holds);
        // Without the third record no link tells of the second.
        let two: Vec<&str> = text.lines().take(2).collect();
        let two = format!("{}\n{}\n", two.join("\n"), covered_line(2, &proof));
        assert_eq!(holds(&two), Some(true));
        assert_eq!(holds(&two.replacen("\"n\":2", "\"n\":7", 1)), Some(false), "a forged record");
        assert_eq!(holds(&whole.replace("\"covers\":2", "\"covers\":3")), Some(false), "another record");
        assert_eq!(holds(&whole.replace("\"covers\":2", "\"covers\":9")), Some(false), "none");
        let end = |text: &str| exported(text).chain.broken.map(|broken| broken.seq);
        assert_eq!(end(&format!("{whole}{text}")), Some(5), "nothing follows it");
        assert_eq!(end(&whole.replace("tlog-proof@v1", "tlog-proof@v9")), Some(4), "no proof");
    }

    #[test]
    fn withheld_records_fix_their_neighbours() {
        let (text, head) = three();
        let lines: Vec<&str> = text.lines().collect();
        let hashed = |n: usize| {
            let (stream, record) = taken_out(lines.get(n).unwrap().as_bytes()).unwrap();
            withheld_line(&stream, &record)
        };
        for without in [vec![0], vec![1], vec![0, 1], vec![2], vec![0, 1, 2]] {
            let line =
                |n: usize| if without.contains(&n) { hashed(n) } else { lines.get(n).unwrap().to_string() };
            let found = exported(&(0..3).map(line).collect::<Vec<_>>().join("\n"));
            assert_eq!((found.stream.as_str(), found.withheld), ("case/1", without.len() as u64));
            assert_eq!((found.chain.records, &found.chain.head, found.chain.broken), (3, &head, None));
        }
        // Without the hash of the first nothing holds it before one that is withheld: it may say anything.
        let forged = lines.first().unwrap().replacen("\"n\":1", "\"n\":7", 1);
        let found = exported(&format!("{forged}\n{}\n{}", hashed(1), lines.last().unwrap()));
        assert_eq!((found.chain.broken, found.loose), (None, vec![1]));
        let with = |second: &str| format!("{}\n{second}\n{}", lines.first().unwrap(), lines.last().unwrap());
        let broken = |text: &str| exported(text).chain.broken.map(|broken| broken.seq);
        assert_eq!(broken(&with(&hashed(0).replace("\"seq\":1", "\"seq\":2"))), Some(3), "another hash");
        assert_eq!(broken(&with(&hashed(1).replace("\"seq\":2", "\"seq\":3"))), Some(2), "another number");
        assert_eq!(broken(&with("{\"withheld\":\"x\",\"seq\":2}")), Some(2), "no hash");
    }
}
