//! What a Namespace means where it says nothing.

use k8s_openapi::api::core::v1::{Namespace, NamespaceSpec, NamespaceStatus};

use super::text;

/// The label that carries a namespace's name, so that selectors can name it.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A namespace waits for its content to go before it goes, and carries its name as a label.
pub fn namespace(namespace: &mut Namespace) {
    if let Some(name) = namespace.metadata.name.clone() {
        namespace.metadata.labels.get_or_insert_default().insert(NAME_LABEL.to_owned(), name);
    }
    let deleting = namespace.metadata.deletion_timestamp.is_some();
    let finalizers = &mut namespace.spec.get_or_insert_with(NamespaceSpec::default).finalizers;
    if finalizers.is_none() && !deleting {
        *finalizers = Some(vec!["kubernetes".to_owned()]);
    }
    text(&mut namespace.status.get_or_insert_with(NamespaceStatus::default).phase, "Active");
}
