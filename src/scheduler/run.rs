//! Runs the scheduler: one loop with one key.

use crate::client::{Client, Informer, apply, rounds};

/// The name under which the scheduler tells events.
const NAME: &str = "default-scheduler";

/// Schedules until the returned future is dropped. The informer must follow every kind.
pub async fn run(client: Client, informer: Informer) {
    rounds::run(&informer, NAME, super::keys, |key, view, now| {
        let client = client.clone();
        async move { apply(&client, NAME, &super::plan(&view, &key, now), now).await }
    })
    .await;
}
