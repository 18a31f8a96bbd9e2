//! Verifying a whole store: every stream's chain.

use crate::chain::{Broken, verify as verify_stream};
use crate::entry::{Head, StoredRecord, Tenant};
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
        for stream in page {
            let records = store.load(tenant, &stream, 0).await?;
            report.streams += 1;
            report.records += records.len() as u64;
            let broken = verify_stream(&stream, &records).err();
            report.broken.extend(broken.or(verify_end(store, tenant, &stream, &records).await?));
        }
        after = last;
    }
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
