//! Hands the node the user's logins at those registries from which an apply needs a pull.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::core::v1::Secret;
use serde_json::json;

use crate::api::names::{self, SYSTEM_NAMESPACE};
use crate::api::object::meta;
use crate::api::{Key, Kind, Value, View};
use crate::cli::error::Error;
use crate::cli::session::Session;
use crate::cli::ui::Ui;
use crate::client::Patch;
use crate::docker::{Logins, registry};
use crate::manifest::{self, Manifest};

/// The field manager that owns what the command line wrote of logins.
const MANAGER: &str = "wharf-login";

/// Writes a Secret in the node's own namespace for each registry that the objects need an image from and at which the user
/// is logged in. What goes wrong is told and holds nothing up: the images may be there for everybody.
pub async fn hand_over(session: &Session, manifest: &Manifest, before: &View, ui: &Ui) {
    let warn = |error: Error| ui.say(&format!("warning: {}", error.message));
    let logins = match Logins::read() {
        Ok(logins) if logins.is_empty() => return,
        Ok(logins) => logins,
        Err(error) => return warn(error.into()),
    };
    for registry in needed(session, &manifest::images(manifest)).await {
        let secret = match logins.at(&registry).await {
            Ok(Some(configuration)) => secret(&registry, &configuration),
            Ok(None) => continue,
            Err(error) => {
                warn(error.into());
                continue;
            }
        };
        let key = Key::of(Kind::of::<Secret>(), &secret);
        let patch = Patch::Apply { object: secret, manager: MANAGER.to_owned(), force: true };
        match session.client.patch(&key, "", patch).await {
            Ok(after) if meta(&after, "resourceVersion").parse().unwrap_or(0) > before.revision => {
                ui.say(&format!("the node pulls from {registry} with your login"));
            }
            Ok(_) => {}
            Err(error) => warn(error.into()),
        }
    }
}

/// The registries of images that must be pulled.
async fn needed(session: &Session, images: &BTreeMap<String, bool>) -> BTreeSet<String> {
    let mut registries = BTreeSet::new();
    for (image, always) in images {
        let present = match &session.node {
            Some(node) if !always => node.has_image(image).await,
            _ => false,
        };
        if !present {
            registries.insert(registry(image));
        }
    }
    registries
}

/// The Secret of a registry: its name follows from the registry's, so that a later login takes the place of an earlier.
fn secret(registry: &str, configuration: &str) -> Value {
    let fit = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' { c } else { '-' };
    let readable: String = registry.to_lowercase().chars().map(fit).collect();
    let name = format!("login-{readable}-{}", names::digest(registry.as_bytes(), 4));
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": SYSTEM_NAMESPACE},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": STANDARD.encode(configuration)},
    })
}
