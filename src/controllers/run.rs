//! Runs the controllers: one loop each, over one view.

use tokio::task::JoinSet;

use super::CONTROLLERS;
use crate::client::{Client, Informer, apply, rounds};

/// Starts every controller; they stop when the returned set is dropped. The informer must follow every kind.
pub fn run(client: &Client, informer: &Informer) -> JoinSet<()> {
    let mut running = JoinSet::new();
    for controller in CONTROLLERS {
        let (client, informer) = (client.clone(), informer.clone());
        running.spawn(async move {
            let watched = (controller.watches)();
            let keys = |view: &_, changed: &crate::api::Key| {
                if watched.contains(&changed.kind) { (controller.keys)(view, changed) } else { Vec::new() }
            };
            rounds::run(&informer, controller.name, keys, |key, view, now| {
                let client = client.clone();
                async move { apply(&client, controller.name, &(controller.plan)(&view, &key, now), now).await }
            })
            .await;
        });
    }
    running
}
