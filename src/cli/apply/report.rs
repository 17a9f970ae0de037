//! Tells why an object is not ready: the reason, its last events, and what its failing container wrote last.

use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};

use super::wait::Unready;
use crate::api::{Key, Object, Timestamp, View, table};
use crate::cli::logs::last_lines;
use crate::cli::ready::pods_of;
use crate::cli::ui::Ui;
use crate::cli::words;
use crate::client::Client;
use crate::docker::registry;

const EVENTS: usize = 5;
const LINES: u64 = 20;

/// Prints the whole truth about each object that is not ready.
pub async fn report(client: &Client, view: &View, unready: &[Unready], ui: &Ui) {
    for Unready { key, why } in unready {
        ui.say(&format!("\nerror: {} is not ready: {why}", words::name(key)));
        let pods = pods_of(view, key);
        if let Some(hint) = pods.iter().find_map(|pod| hint(pod)) {
            ui.say(&format!("  hint: {hint}"));
        }
        let about: Vec<Key> = std::iter::once(key.clone()).chain(pods.iter().map(|p| p.key())).collect();
        let events = events(view, &about, Timestamp::now());
        if !events.is_empty() {
            ui.say(&format!("  events:\n{events}"));
        }
        for (pod, container) in pods.into_iter().filter_map(failing).take(1) {
            let lines = last_lines(client, &pod.key(), &container, LINES).await;
            if !lines.is_empty() {
                ui.say(&format!("  the last lines of {}/{container}:", pod.name()));
                for line in lines {
                    ui.say(&format!("    {line}"));
                }
            }
        }
    }
}

/// The last events about any of the keys, one a line, oldest first.
pub fn events(view: &View, about: &[Key], now: Timestamp) -> String {
    let concerns = |event: &&Event| {
        let object = &event.involved_object;
        about.iter().any(|key| {
            object.kind.as_deref() == Some(key.kind.kind)
                && object.name.as_deref() == Some(&key.name)
                && object.namespace.as_deref().unwrap_or_default() == key.namespace
        })
    };
    let mut all: Vec<&Event> = view.all::<Event>().filter(concerns).collect();
    all.sort_by_key(|e| e.last_timestamp.as_ref().map(|t| t.0));
    let last = all.iter().skip(all.len().saturating_sub(EVENTS)).map(|event| {
        let age = event.last_timestamp.as_ref().map_or_else(String::new, |t| table::age(t.0, now));
        let count = event.count.filter(|c| *c > 1).map(|c| format!(" (x{c})")).unwrap_or_default();
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        format!(
            "    {age:>4}{count} {} {}: {}",
            text(&event.involved_object.name),
            text(&event.reason),
            text(&event.message)
        )
    });
    last.collect::<Vec<_>>().join("\n")
}

/// The container that keeps a pod from being ready, if it ever ran: it may have said why.
fn failing(pod: &Pod) -> Option<(&Pod, String)> {
    let status = pod.status.as_ref()?;
    let mut all = status.init_container_statuses.iter().flatten().chain(status.container_statuses.iter().flatten());
    let ended = |c: &ContainerStatus| c.state.as_ref().and_then(|s| s.terminated.as_ref()).map(|t| t.exit_code);
    let bad = all.find(|c| !c.ready && ended(c) != Some(0))?;
    let waiting = bad.state.as_ref().is_some_and(|s| s.waiting.is_some());
    let ran = bad.last_state.as_ref().is_some_and(|s| s.terminated.is_some());
    (!waiting || ran).then(|| (pod, bad.name.clone()))
}

/// What to do about an image that can't be pulled; the words are the registry's.
fn pull_hint(image: &str, words: &str) -> String {
    if ["unauthorized", "no basic auth credentials", "authentication required"].iter().any(|w| words.contains(w)) {
        let login = format!("log in with `docker login {}` and apply again", registry(image));
        return format!("{login}, or name a Secret of the type kubernetes.io/dockerconfigjson in imagePullSecrets");
    }
    let make = format!("docker build -t {image} …");
    format!("check the image's name; one that is in no registry is to be made on the Docker host: {make}")
}

/// What to do about a container that can't be started, where that is clear.
fn hint(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let mut all = status.init_container_statuses.iter().flatten().chain(status.container_statuses.iter().flatten());
    all.find_map(|c| {
        let (waiting, image) = (c.state.as_ref()?.waiting.as_ref()?, &c.image);
        let taken = waiting.message.as_deref().is_some_and(|m| m.ends_with("of the host is already in use"));
        match waiting.reason.as_deref()? {
            "ErrImagePull" | "ImagePullBackOff" => Some(pull_hint(image, waiting.message.as_deref().unwrap_or_default())),
            "ErrImageNeverPull" => Some(format!(
                "make the image on the Docker host (docker pull {image}, or docker build -t {image} …), or drop `imagePullPolicy: Never`"
            )),
            "FailedCreatePodSandBox" if taken => {
                Some("free the port (`docker ps` and `ss -ltnp` on the host tell who has it), or choose another one".to_owned())
            }
            _ => None,
        }
    })
}
