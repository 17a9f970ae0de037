//! What an apply would do: the wish is written to a copy of the store, and the node's own planners run on it until they
//! come to rest, with pods that start and end at once.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Pod, PodCondition, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use crate::api::forecast::{self, Fate, Forecast, Wish};
use crate::api::{Action, KINDS, Key, Kind, Object, Plan, Timestamp, Value, View};
use crate::apiserver::{Error, Later, Rest};
use crate::client::{self, Client, DeleteOptions, Informer, Patch, apply};
use crate::controllers::CONTROLLERS;
use crate::scheduler;

/// After so many rounds what is there is told, come to rest or not: a rollout takes a few rounds for each of its steps.
const ROUNDS: usize = 2000;

/// What decides about a key.
type Decide = fn(&View, &Key, Timestamp) -> Plan;

/// Tells what would come of a wish.
///
/// # Errors
/// If the copy can't be made or read.
pub fn forecast(rest: Rest, wish: Wish) -> Later<'static, Result<Forecast, Error>> {
    // What only pretends to happen is not to be read in the agent's log.
    Box::pin(look_ahead(rest, wish).with_subscriber(NoSubscriber::default()))
}

async fn look_ahead(rest: Rest, wish: Wish) -> Result<Forecast, Error> {
    let client = Client::Local(rest.run(Rest::scratch).await?);
    let kinds: Vec<&'static Kind> = KINDS.iter().filter(|kind| kind.kind != "Event").collect();
    let informer = Informer::start(&client, &kinds).await.map_err(|e| unavailable(&e))?;
    let before = informer.view();
    let (objects, revision) = write(&client, &before, &wish).await?;
    informer.caught_up(revision).await;
    settle(&client, &informer).await;
    Ok(Forecast { objects, pods: forecast::pods(&before, &informer.view()) })
}

fn unavailable(error: &client::Error) -> Error {
    Error::Unavailable(error.to_string())
}

/// Applies and deletes what the wish says; what becomes of the objects, and the highest revision.
async fn write(client: &Client, before: &View, wish: &Wish) -> Result<(Vec<Fate>, u64), Error> {
    let key = |object: &Value| {
        let text = |field: &str| object[field].as_str().unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let found = Kind::find(api_version, kind).map(|kind| Key::of(kind, object));
        found.ok_or_else(|| Error::BadRequest(format!("there is no {kind} of {api_version}")))
    };
    let (mut fates, mut written) = (Vec::new(), 0);
    for object in &wish.objects {
        let key = key(object)?;
        let patch = Patch::Apply { object: object.clone(), manager: wish.manager.clone(), force: true };
        let (after, refused) = match client.patch(&key, "", patch).await {
            Ok(after) => {
                written = written.max(revision(&after));
                (Some(after), None)
            }
            Err(error) => (before.value(&key).or_else(|| Some(object.clone())), Some(error.to_string())),
        };
        fates.push(Fate { before: before.value(&key), after, refused });
    }
    for object in &wish.pruned {
        let key = key(object)?;
        let deleted = client.delete(&key, &DeleteOptions::default()).await;
        written = written.max(deleted.as_ref().map_or(0, revision));
        let refused = deleted.err().map(|e| e.to_string());
        fates.push(Fate { before: before.value(&key), after: None, refused });
    }
    Ok((fates, written))
}

fn revision(object: &Value) -> u64 {
    crate::api::object::meta(object, "resourceVersion").parse().unwrap_or(0)
}

/// Runs all planners, and pods that start and end at once, until nothing is written any more. Time stands still: what
/// would be decided later, as by a schedule, does not follow from the wish.
async fn settle(client: &Client, informer: &Informer) {
    let now = Timestamp::now();
    let mut changes = informer.changes();
    for _ in 0..ROUNDS {
        let (view, mut touched) = (informer.view(), BTreeSet::new());
        while let Ok(key) = changes.try_recv() {
            touched.insert(key);
        }
        let mut written = 0;
        for (name, decide, keys) in planners(&view, &touched) {
            for key in keys {
                let mut plan = decide(&view, &key, now);
                plan.steps.retain(|step| !matches!(step.action, Action::Event { .. }));
                written = written.max(apply(client, name, &plan, now).await.written);
            }
        }
        for key in touched.iter().filter(|key| key.kind == Kind::of::<Pod>()) {
            written = written.max(live(client, &view, key).await);
        }
        if written == 0 && changes.is_empty() {
            return;
        }
        informer.caught_up(written).await;
    }
}

/// Every planner, with the keys that the changes concern.
fn planners(view: &View, changed: &BTreeSet<Key>) -> Vec<(&'static str, Decide, BTreeSet<Key>)> {
    let concerned = |watches: &[&'static Kind], keys: fn(&View, &Key) -> Vec<Key>| {
        changed.iter().filter(|key| watches.contains(&key.kind)).flat_map(|key| keys(view, key)).collect()
    };
    let every: Vec<&'static Kind> = KINDS.iter().collect();
    let controllers = CONTROLLERS.iter().map(|c| (c.name, c.plan as Decide, concerned(&(c.watches)(), c.keys)));
    let scheduling = concerned(&every, scheduler::keys);
    controllers.chain([("default-scheduler", scheduler::plan as Decide, scheduling)]).collect()
}

/// What a kubelet would come to in the end: bound pods are ready, as if they had always been; deleted ones are gone.
/// Returns the revision that it wrote, 0 if none.
async fn live(client: &Client, view: &View, key: &Key) -> u64 {
    let Some(pod) = view.get::<Pod>(&key.namespace, &key.name) else { return 0 };
    let written = if pod.is_deleting() {
        client.delete(key, &DeleteOptions { grace: Some(0), ..DeleteOptions::default() }).await
    } else if is_bound(pod) && !has_ended(pod) && !is_ready(pod) {
        let ready = Pod { status: Some(ready(pod)), ..pod.clone() };
        client.update(key.kind, "status", &ready.to_value()).await
    } else {
        return 0;
    };
    written.as_ref().map_or(0, revision)
}

fn is_bound(pod: &Pod) -> bool {
    pod.spec.as_ref().and_then(|s| s.node_name.as_ref()).is_some_and(|node| !node.is_empty())
}

fn has_ended(pod: &Pod) -> bool {
    matches!(pod.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Succeeded" | "Failed"))
}

fn is_ready(pod: &Pod) -> bool {
    crate::api::conditions::is_true(pod.status.as_ref().and_then(|s| s.conditions.as_ref()), "Ready")
}

fn ready(pod: &Pod) -> PodStatus {
    let condition = |name: &str| PodCondition {
        type_: name.to_owned(),
        status: "True".to_owned(),
        last_transition_time: Some(Time(Timestamp::UNIX_EPOCH)),
        ..PodCondition::default()
    };
    let conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map(condition).to_vec();
    let old = pod.status.clone().unwrap_or_default();
    PodStatus { phase: Some("Running".to_owned()), conditions: Some(conditions), ..old }
}
