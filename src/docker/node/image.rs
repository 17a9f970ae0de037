//! wharf's image on a Docker host: the CLI's own executable, or one that the user names.

use bollard::Docker;
use bollard::models::ImageSummary;
use bollard::query_parameters::{
    ImportImageOptions, ListContainersOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptions,
    TagImageOptionsBuilder,
};
use futures_util::TryStreamExt;

use super::executable::{Executable, architecture};
use super::up::Node;
use crate::api::names::HELLO_IMAGE;
use crate::docker::error::{Error, about, is_conflict, is_missing};
use crate::docker::host::Host;
use crate::docker::{images, pull::split_reference};
use crate::kubelet::runtime;

/// The label of images that the CLI made of itself; its value is the version.
pub(super) const LABEL: &str = "wharf.version";

/// Makes sure that the image is on the host, and returns its name.
pub(super) async fn ensure(host: &Host, named: Option<&str>) -> Result<String, Error> {
    let client = &host.client;
    if let Some(name) = named {
        if !is_there(client, name).await? {
            images::pull(client, name, None, &|_| ()).await?;
        }
        return Ok(name.to_owned());
    }
    let executable = tokio::task::spawn_blocking(Executable::read).await.map_err(std::io::Error::other).flatten();
    let executable = executable.map_err(|e| unfit(&e.to_string()))?;
    let tag = executable.tag();
    if is_there(client, &tag).await? {
        tag_hello(client, &tag).await?;
    } else {
        load(client, &executable).await?;
    }
    Ok(tag)
}

impl Node {
    /// Whether the Docker host has an image; not if the engine does not answer.
    pub async fn has_image(&self, name: &str) -> bool {
        is_there(&self.host.client, name).await.unwrap_or(false)
    }
}

async fn load(client: &Docker, executable: &Executable) -> Result<(), Error> {
    let failed = |error| about("the image of wharf", error);
    let engine = client.version().await.map_err(failed)?.arch.unwrap_or_default();
    if engine != architecture() {
        return Err(unfit(&format!("it is built for {}, and the Docker host is {engine}", architecture())));
    }
    let archive = executable.archive().await.map_err(|e| unfit(&e.to_string()))?;
    let told = client.import_image_stream(ImportImageOptions::default(), archive, None);
    told.try_for_each(|_| async { Ok(()) }).await.map_err(failed)?;
    Ok(())
}

fn unfit(why: &str) -> Error {
    let path = std::env::current_exe().unwrap_or_default();
    Error::Executable(format!("this wharf ({}) can't be the image of the node: {why}", path.display()))
}

async fn is_there(client: &Docker, name: &str) -> Result<bool, runtime::Error> {
    match client.inspect_image(name).await {
        Ok(_) => Ok(true),
        Err(error) if is_missing(&error) => Ok(false),
        Err(error) => Err(about(&format!("image \"{name}\""), error)),
    }
}

/// Gives the image its second name where nothing has it.
async fn tag_hello(client: &Docker, image: &str) -> Result<(), runtime::Error> {
    if is_there(client, HELLO_IMAGE).await? {
        return Ok(());
    }
    let (repository, tag) = split_reference(HELLO_IMAGE);
    let options = TagImageOptionsBuilder::new().repo(repository).tag(tag).build();
    client.tag_image(image, Some(options)).await.map_err(|e| about(&format!("image \"{image}\""), e))?;
    Ok(())
}

/// Removes the images that the CLI made of itself and that no container uses any more, of whatever node.
pub(super) async fn remove_unused(client: &Docker) -> Result<Vec<String>, runtime::Error> {
    let failed = |error| about("images of wharf", error);
    let options = ListImagesOptionsBuilder::new().filters(&[("label", vec![LABEL])].into()).build();
    let images = client.list_images(Some(options)).await.map_err(failed)?;
    let all = ListContainersOptionsBuilder::new().all(true).build();
    let containers = client.list_containers(Some(all)).await.map_err(failed)?;
    let mut removed = Vec::new();
    let in_use = |image: &ImageSummary| containers.iter().any(|c| c.image_id.as_ref() == Some(&image.id));
    let (used, unused): (Vec<_>, Vec<_>) = images.into_iter().partition(in_use);
    // The engine refuses to take an image in use its last name, but would take all others.
    for image in unused {
        for tag in image.repo_tags {
            match client.remove_image(&tag, None::<RemoveImageOptions>, None).await {
                Ok(_) => removed.push(tag),
                Err(error) if is_missing(&error) || is_conflict(&error) => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
    // The second name may have gone with the image of another build, whose pods are not the only ones that run from it.
    if let Some(image) = used.iter().find_map(|i| i.repo_tags.first()) {
        tag_hello(client, image).await?;
    }
    Ok(removed)
}
