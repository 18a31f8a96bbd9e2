//! The server: connections with limits on time, headers and number, and a stop that lets answers finish.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::visitor::Peer;

/// Connections at once; more wait.
pub const CONNECTIONS_MAX: usize = 2_048;
/// Bytes of the request line and headers.
pub const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Headers of a request.
pub const HEADERS_MAX: usize = 100;
/// The longest a client may take for its headers.
pub const HEADER_SECONDS: u64 = 10;
/// How long answers under way may take after the stop.
pub const STOP_SECONDS: u64 = 10;

/// Serves until `stop` comes back, then lets requests under way finish.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut stop = std::pin::pin!(stop);
    loop {
        let permit = Arc::clone(&room).acquire_owned().await.map_err(std::io::Error::other)?;
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => connect(stream, Peer(from.ip()), permit, &router, &graceful),
                // A client that left before it was accepted, or no file descriptor for the moment.
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(Duration::from_secs(STOP_SECONDS)) => {
            tracing::warn!("some answers were still under way");
        }
    }
    Ok(())
}

fn connect(
    stream: TcpStream,
    peer: Peer,
    permit: OwnedSemaphorePermit,
    router: &Router,
    graceful: &GracefulShutdown,
) {
    let service = TowerToHyperService::new(router.clone().layer(axum::Extension(peer)));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEADER_SECONDS))
        .max_buf_size(HEADER_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(permit);
    });
}
