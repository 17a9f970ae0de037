//! Runs the scheduler: one loop with one key.

use super::plan::NAME;
use crate::client::{Client, Informer, apply, rounds};

/// Schedules until the returned future is dropped. The informer must follow every kind.
pub async fn run(client: Client, informer: Informer) {
    rounds::run(&informer, NAME, super::keys, |key, view, now| {
        let client = client.clone();
        async move { apply(&client, NAME, &super::plan(&view, &key, now), now).await }
    })
    .await;
}
