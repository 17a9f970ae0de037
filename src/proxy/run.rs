//! Keeps the kernel's rules equal to the Services and EndpointSlices.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::apply::Kernel;
use super::error::Error;
use super::observe::observe;
use super::translate::translate;
use crate::api::{Key, Kind, Ranges, View};
use crate::client::Informer;

/// Changes that come together are applied together: at most 50 transactions a second, as each takes about 20 ms.
const PAUSE: Duration = Duration::from_millis(20);
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(10);

/// Programs the kernel until the informer ends. The informer follows Services and EndpointSlices at least; `followed` shows
/// the newest view that the kernel goes by.
///
/// # Errors
/// If the kernel lacks what is needed, at start.
pub async fn run(informer: Informer, ranges: Ranges, followed: watch::Sender<Arc<View>>) -> Result<(), Error> {
    let mut changes = informer.changes();
    let mut kernel = blocking(move || Kernel::open(ranges)).await?;
    let mut retry = FIRST_RETRY;
    loop {
        let view = informer.view();
        let rules = translate(&observe(&view));
        let result;
        (kernel, result) = blocking(move || {
            let result = kernel.apply(&rules);
            (kernel, result)
        })
        .await;
        match result {
            Ok(applied) => applied.iter().for_each(|change| tracing::info!("{change}")),
            // What the kernel refuses now, for want of memory say, it may take later.
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "service addresses are not current");
                sleep(retry).await;
                retry = LAST_RETRY.min(retry * 2);
                continue;
            }
        }
        followed.send_replace(view);
        retry = FIRST_RETRY;
        if !wait(&mut changes).await {
            return Ok(());
        }
        sleep(PAUSE).await;
        while changes.try_recv().is_ok() {}
    }
}

/// Waits for a change that concerns the rules; false when there will be none.
async fn wait(changes: &mut UnboundedReceiver<Key>) -> bool {
    let kinds = [Kind::of::<Service>(), Kind::of::<EndpointSlice>()];
    while let Some(key) = changes.recv().await {
        if kinds.contains(&key.kind) {
            return true;
        }
    }
    false
}

/// A transaction waits for the kernel's grace period, which must not hold up the runtime.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    spawn_blocking(work).await.expect("programming the kernel does not panic")
}
