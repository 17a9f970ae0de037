//! Runs the autoscalers: nothing is measured while there is none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{keys, next_look, plan};
use crate::api::Key;
use crate::api::usage::Measured;
use crate::client::rounds::Outcome;
use crate::client::{Client, Informer, Later, apply, rounds};

/// The name under which autoscalers tell events.
const NAME: &str = "horizontal-pod-autoscaler";

/// Measures what all pods use; `None` where that can't be done now.
pub type Measure = Arc<dyn Fn() -> Later<'static, Option<Arc<Measured>>> + Send + Sync>;

/// Scales until the returned future is dropped. The informer must follow every kind.
pub async fn run(client: Client, informer: Informer, measure: Measure) {
    let histories: Arc<Mutex<BTreeMap<Key, super::History>>> = Arc::default();
    rounds::run(&informer, NAME, keys, |key, view, now| {
        let (client, measure, histories) = (client.clone(), Arc::clone(&measure), Arc::clone(&histories));
        async move {
            let lock = || histories.lock().unwrap_or_else(PoisonError::into_inner);
            let mut history = lock().remove(&key).unwrap_or_default();
            if let Some(wake) = next_look(&view, &key, &history, now) {
                lock().insert(key, history);
                return Outcome { wake: Some(wake), ..Outcome::default() };
            }
            let measured = if view.contains(&key) { measure().await } else { None };
            let plan = plan(&view, &key, measured.as_deref(), &mut history, now);
            if view.contains(&key) {
                lock().insert(key, history);
            }
            apply(&client, NAME, &plan, now).await
        }
    })
    .await;
}
