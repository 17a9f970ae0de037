//! Copies of images that pods mount: made when the first pod wants one, removed when none does any more.
//! <https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/>

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{ImageVolumeSource, Pod};

use super::hands::Hands;
use super::images::{Wanted, fetch};
use super::policy::is_terminal;
use super::runtime::Error;
use super::sync::Fault;
use super::volumes::image_volume;
use crate::api::View;

/// The ids of images by the names of a pod's volumes.
pub type Images = BTreeMap<String, String>;

/// Gets the images of the pod's volumes that are not known yet.
///
/// # Errors
/// As of containers: the first image that can't be had.
pub async fn get(hands: &Hands, view: &View, pod: &Pod, known: &mut Images) -> Result<(), Fault> {
    for (volume, wanted) in sources(pod) {
        if !known.contains_key(volume) {
            let image = wanted.reference.as_deref().unwrap_or_default();
            let wanted = Wanted { pod, whose: volume, image, policy: wanted.pull_policy.as_deref() };
            known.insert(volume.to_owned(), fetch(hands, view, wanted).await?.id);
        }
    }
    Ok(())
}

/// Removes the copies that no living pod's volumes are of.
///
/// # Errors
/// If the engine does not answer.
pub async fn sweep(hands: &Hands, view: &View) -> Result<(), Error> {
    let prefix = image_volume(&hands.config.node, "");
    let mut copies: BTreeSet<String> = hands.runtime.volumes().await?.into_iter().collect();
    copies.retain(|name| name.starts_with(&prefix));
    if copies.is_empty() {
        return Ok(());
    }
    for pod in view.all::<Pod>().filter(|p| !is_terminal(p)) {
        for (_, wanted) in sources(pod) {
            let image = hands.runtime.image(wanted.reference.as_deref().unwrap_or_default()).await?;
            copies.remove(&image.map(|i| image_volume(&hands.config.node, &i.id)).unwrap_or_default());
        }
    }
    for name in copies {
        match hands.runtime.remove_volume(&name).await {
            Ok(()) => tracing::info!(volume = name, "remove: no pod has a volume of that image"),
            // A container that ended, or another version of the image, still has it.
            Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn sources(pod: &Pod) -> impl Iterator<Item = (&str, &ImageVolumeSource)> {
    let volumes = pod.spec.iter().flat_map(|s| s.volumes.iter().flatten());
    volumes.filter_map(|v| Some((v.name.as_str(), v.image.as_ref()?)))
}
