//! Gets an image for a pod: from the host, or from a registry with whatever credentials fit.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;

use super::need::{Need, need};
use super::secrets::{Secrets, secrets};
use super::{Credentials, is_name};
use crate::api::{Object, Timestamp, View};
use crate::kubelet::hands::Hands;
use crate::kubelet::runtime::{Error, Image};
use crate::kubelet::sync::Fault;

/// An image that a pod needs.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// What in the pod waits for it: the name of a container or a volume.
    pub whose: &'a str,
    /// The image, as the manifest names it.
    pub image: &'a str,
    /// `Always`, `IfNotPresent` or `Never`.
    pub policy: Option<&'a str>,
}

/// The image as the engine has it, pulled if that is called for; each step is told by an event. Dropping this gives the
/// pull up, if nobody else waits for it.
///
/// # Errors
/// `InvalidImageName`, `ErrImageNeverPull` or `ErrImagePull`, with the message that the container's status tells.
pub async fn fetch(hands: &Hands, view: &View, wanted: Wanted<'_>) -> Result<Image, Fault> {
    let Wanted { pod, image: name, policy, .. } = wanted;
    if !is_name(name) {
        let why = format!("couldn't parse image name \"{name}\": invalid reference format");
        let message = format!("Failed to apply default image tag \"{name}\": {why}");
        hands.warn(pod, "InspectFailed", message.clone()).await;
        return Err(Fault::new("InvalidImageName", &message));
    }
    let failed = |error: &dyn std::fmt::Display| {
        Fault::new("ErrImagePull", &format!("failed to pull image \"{name}\": {error}"))
    };
    let present = hands.runtime.image(name).await.map_err(|e| failed(&e))?;
    match (need(policy, present.is_some()), present) {
        (Need::Nothing, Some(image)) => {
            let message = format!("Container image \"{name}\" already present on machine");
            hands.event(pod, "Pulled", message).await;
            return Ok(image);
        }
        (Need::Missing, _) => {
            let message = format!("Container image \"{name}\" is not present with pull policy of Never");
            hands.warn(pod, "ErrImageNeverPull", message.clone()).await;
            return Err(Fault::new("ErrImageNeverPull", &message));
        }
        _ => {}
    }
    hands.event(pod, "Pulling", format!("Pulling image \"{name}\"")).await;
    let began = Timestamp::now();
    if let Err(error) = pull(hands, view, wanted).await {
        hands.warn(pod, "Failed", format!("Failed to pull image \"{name}\": {error}")).await;
        return Err(failed(&error));
    }
    let took = human(Duration::try_from(Timestamp::now().duration_since(began)).unwrap_or_default());
    let pulled = hands.runtime.image(name).await.map_err(|e| failed(&e))?;
    let image = pulled.ok_or_else(|| failed(&"it was pulled and is not there"))?;
    let message = format!(
        "Successfully pulled image \"{name}\" in {took} ({took} including waiting). Image size: {} bytes.",
        image.size
    );
    hands.event(pod, "Pulled", message).await;
    Ok(image)
}

/// Pulls with the credentials of the pod, then those of the node, until a registry takes some of them. The error has
/// what it said to each.
async fn pull(hands: &Hands, view: &View, Wanted { pod, whose, image, .. }: Wanted<'_>) -> Result<(), String> {
    let Secrets { own, node, missing } = secrets(view, pod);
    if !missing.is_empty() {
        let message = format!(
            "Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.",
            missing.join(", ")
        );
        hands.warn(pod, "FailedToRetrieveImagePullSecret", message).await;
    }
    let waiter = hands.pulls.begin(pod.uid(), whose, image);
    let mut said: Vec<String> = Vec::new();
    for credentials in candidates(&own.lookup(image), &node.lookup(image)) {
        match waiter.pull(&hands.runtime, image, credentials).await.map_err(|e| (matches!(*e, Error::Image(_)), e)) {
            Ok(()) => return Ok(()),
            Err((refused, error)) => {
                let words = error.to_string();
                if !said.contains(&words) {
                    said.push(words);
                }
                // Not the registry but the engine: others would fare no better.
                if !refused {
                    break;
                }
            }
        }
    }
    Err(said.join("; "))
}

/// Whose credentials are tried, in order. The node's may be a login of long ago, so an image that is there for everybody
/// is not to fail by them.
fn candidates<'a>(own: &[&'a Credentials], node: &[&'a Credentials]) -> Vec<Option<&'a Credentials>> {
    let anybody = own.is_empty().then_some(None);
    own.iter().chain(node).map(|c| Some(*c)).chain(anybody).collect()
}

/// A duration in milliseconds as Go writes it: `340ms`, `1.25s`, `2m3.5s`.
fn human(took: Duration) -> String {
    let (minutes, millis) = (took.as_secs() / 60, took.as_millis() % 60_000);
    let fraction = format!("{:03}", millis % 1000);
    let fraction = fraction.trim_end_matches('0');
    let seconds = format!("{}{}{fraction}s", millis / 1000, if fraction.is_empty() { "" } else { "." });
    match minutes {
        0 if millis < 1000 => format!("{millis}ms"),
        0 => seconds,
        minutes => format!("{minutes}m{seconds}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_as_go_does() {
        let told = [7, 340, 1000, 1250, 60_000, 123_500].map(|ms| human(Duration::from_millis(ms)));
        assert_eq!(told, ["7ms", "340ms", "1s", "1.25s", "1m0s", "2m3.5s"]);
    }

    #[test]
    fn everybodys_credentials_are_tried_and_nobodys_only_without_a_pods_own() {
        let of = |user: &str| Credentials { username: user.to_owned(), ..Credentials::default() };
        let (ann, bob) = (of("ann"), of("bob"));
        assert_eq!(candidates(&[], &[]), [None]);
        assert_eq!(candidates(&[&ann], &[&bob]), [Some(&ann), Some(&bob)]);
        assert_eq!(candidates(&[], &[&bob]), [Some(&bob), None]);
    }
}
