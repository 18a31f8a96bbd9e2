//! Files: photos and documents, named by the SHA-256 of their bytes.

use std::future::Future;

use futures_core::Stream;

use crate::fault::Fault;
use crate::tenant::Tenant;

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// What the bytes are, such as `image/jpeg`; never what the sender said.
    pub kind: String,
    /// How many bytes.
    pub size: u64,
    /// Who sent it first.
    pub by: String,
    /// When it came last, milliseconds.
    pub at: i64,
}

/// Why a file is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// More bytes than allowed.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// Bytes of a kind that is not taken.
    #[error("the bytes are of no kind that is taken here")]
    Kind,
    /// The sender stopped, or sent nothing.
    #[error("the file did not arrive: {0}")]
    Broken(String),
}

/// A file on its way in.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'i> {
    /// Who sends it.
    pub by: &'i str,
    /// When, milliseconds.
    pub at: i64,
    /// The most bytes.
    pub most: u64,
    /// Tells the kind of bytes by their beginning; nothing: not taken.
    pub kind: fn(&[u8]) -> Option<&'static str>,
}

/// Bytes by which a kind is told.
pub const HEAD_BYTES: usize = 512;
/// The most streams that are given of those that name a file.
pub const STREAMS_OF_FILE_MAX: u32 = 64;
/// The most files that one sweep forgets.
pub const SWEEP_MAX: u32 = 256;

/// What a store keeps of files.
pub trait Files: Send + Sync + 'static {
    /// Keeps a file, piece by piece, never all of it in memory; the same bytes twice are one file, which came when
    /// they came last.
    fn keep_file<B: AsRef<[u8]> + Send>(
        &self,
        tenant: Tenant,
        incoming: Incoming<'_>,
        pieces: impl Stream<Item = Result<B, String>> + Send + Unpin,
    ) -> impl Future<Output = Result<Result<Kept, NotKept>, Fault>> + Send;
    /// What is known of a file.
    fn file(&self, tenant: Tenant, digest: &str) -> impl Future<Output = Result<Option<Kept>, Fault>> + Send;
    /// Whether somebody sent a file that is kept; the same bytes may have come from several people.
    fn sent_file(
        &self,
        tenant: Tenant,
        digest: &str,
        subject: &str,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;
    /// The streams whose values name a file, in order of name; at most [`STREAMS_OF_FILE_MAX`].
    fn streams_of_file(
        &self,
        tenant: Tenant,
        digest: &str,
    ) -> impl Future<Output = Result<Vec<String>, Fault>> + Send;
    /// Some bytes of a file from an offset; empty at its end.
    fn file_piece(
        &self,
        tenant: Tenant,
        digest: &str,
        offset: u64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<u8>, Fault>> + Send;
    /// Forgets files that came before a moment and that no value names; says how many, at most [`SWEEP_MAX`].
    fn sweep_files(&self, tenant: Tenant, before: i64) -> impl Future<Output = Result<u64, Fault>> + Send;
}
